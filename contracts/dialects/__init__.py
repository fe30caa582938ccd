"""How a Call becomes a message: one module a family of services."""

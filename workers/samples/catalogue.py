"""What the sample shop sells: the data of the orders service, kept apart from its rules."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec


class Product(msgspec.Struct, frozen=True):
    """Something for sale. ``price`` is in cents: money is never a float."""

    sku: str
    name: str
    price: int
    stock: int


# Small stocks on purpose: out_of_stock should be easy to see.
PRODUCTS: Final[Mapping[str, Product]] = MappingProxyType(
    {
        product.sku: product
        for product in (
            Product("tea-earl-grey", "Earl Grey, loose, 100 g", 890, 5000),
            Product("tea-oolong", "Oolong, loose, 100 g", 1190, 5000),
            Product("tea-sencha", "Sencha, loose, 100 g", 1290, 2000),
            Product("tea-assam", "Assam, loose, 250 g", 1450, 2000),
            Product("pot-cast-iron", "Cast-iron teapot, 0.8 l", 6900, 12),
            Product("cup-porcelain", "Porcelain cup, 0.2 l", 1100, 240),
            Product("kettle-copper", "Copper kettle, 1.5 l", 12900, 0),
        )
    }
)

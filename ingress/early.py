"""The answer to a request that comes to no policy: no route takes it, or its body cannot be had.

What a route, or ``defaults`` where none is met, has to say in every answer is said in these too.
"""

from contracts.call import Reply
from contracts.fault import Fault
from ingress.flow import Flow
from ingress.head import Head
from ingress.policies.port import Early, Preflighter
from ingress.router import Router, automatic

_ASKS_FOR = "access-control-request-method"


def answer(flow: Flow, head: Head, router: Router, fault: Fault) -> None:
    """Put the reply to what ``fault`` ended into the flow, or else the fault."""
    flow.reply = automatic(head.method, fault)
    if flow.reply is not None:
        flow.reply = _preflight(flow, head, router) or flow.reply
    else:
        flow.fault = fault
    # A preflight has said it all.
    if not flow.headers:
        for policy in flow.plan.policies if flow.plan else router.strangers:
            if isinstance(policy, Early):
                policy.early(flow, head.fields)


def _preflight(flow: Flow, head: Head, router: Router) -> Reply | None:
    """Ask the route for whose method a browser wants to know."""
    method = next((value for name, value in head.fields if name == _ASKS_FOR), "")
    if not method:
        return None
    try:
        plan, _ = router.match(method, head.path, head)
    except Fault:
        return None
    for policy in plan.policies:
        if isinstance(policy, Preflighter) and (reply := policy.preflight(flow, head.fields)):
            return reply
    return None

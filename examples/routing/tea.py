"""A service whose operations say only which of them was called, to try routes out."""

from queuegate import Call, Reply, Service

service = Service("tea")
kettle = Service("kettle", lanes=2)

NAMES = (
    *("by_number", "by_id", "of_day", "by_name", "blend", "leaf", "list", "csv", "beta"),
    *("add", "picture", "home", "basket", "menu", "menu_next", "menu_copied", "samovar"),
    *("cups_one", "cups_two", "closed"),
)


async def _say(call: Call) -> Reply:
    return Reply.json({"operation": call.operation, "params": dict(call.params)})


for name in NAMES:
    service.operation(name=name)(_say)
kettle.operation(name="boil")(_say)

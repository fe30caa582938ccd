"""JMESPath, compiled when the file is read.

An expression has no loops, no variables and no way out: it selects, renames and calls pure
functions, so its time is bounded by what it is given. What it makes is bounded by its user.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import jmespath
import jmespath.exceptions

MAX_LENGTH: Final = 4000
"""Characters. Its parser and its evaluation recurse by depth, which length bounds."""


class ExpressionError(ValueError):
    """An expression cannot be read, or cannot be applied to what is there."""


def compile_expression(text: str) -> Callable[[Any], Any]:
    """Give the function that an expression is; raises ``ExpressionError`` for what is none.

    The function raises ``ExpressionError`` where a function of JMESPath does not take what is
    there, such as ``length`` of a number.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression has at most {MAX_LENGTH} characters")
    try:
        search = jmespath.compile(text).search
    except (jmespath.exceptions.JMESPathError, RecursionError) as error:
        raise ExpressionError(f"this is no JMESPath expression: {_sentence(error)}") from None

    def evaluate(value: Any) -> Any:  # noqa: ANN401 - JSON both ways
        try:
            return search(value)
        # Its functions also let Python's own errors out: max() of mixed types, a huge number.
        except (
            jmespath.exceptions.JMESPathError,
            ArithmeticError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:
            raise ExpressionError(_sentence(error)) from None

    return evaluate


def check(text: str) -> str:
    """Give the text back if it is an expression: for a model's validator."""
    compile_expression(text)
    return text


def _sentence(error: Exception) -> str:
    if isinstance(error, jmespath.exceptions.JMESPathTypeError):
        # The library's own words show the value, which is nobody's business.
        return f"{error.function_name}() does not take {error.actual_type}"
    said = " ".join(str(error).split()).rstrip("^ ")
    said = re.sub("^Invalid jmespath expression: ", "", said, flags=re.IGNORECASE)
    return said[:200] or type(error).__name__

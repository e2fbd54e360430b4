"""Metric math of alarms: arithmetic, comparisons, IF, FILL, and MAX, MIN, SUM and AVG over a list of series.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Mapping
from statistics import fmean
from typing import Any

BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
COMPARED: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
OVER_SERIES: dict[str, Callable[[list[float]], float]] = {"MAX": max, "MIN": min, "SUM": sum, "AVG": fmean}


class ExpressionError(ValueError):
    """An expression that is not known here."""


def value_of(expression: str, values: Mapping[str, float | None]) -> float | None:
    """The value of an expression at one time, by the values of series; None where there is none.

    Raises ExpressionError.
    """
    try:
        return _value(ast.parse(expression.strip(), mode="eval").body, values)
    except ZeroDivisionError:
        return None
    except SyntaxError:
        raise ExpressionError(expression) from None


def _value(node: ast.expr, values: Mapping[str, float | None]) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = _value(operand, values)
            return None if value is None else -value
        case ast.BinOp(left=left, op=kind, right=right) if type(kind) in BINARY:
            return _both(BINARY[type(kind)], left, right, values)
        case ast.Compare(left=left, ops=[kind], comparators=[right]) if type(kind) in COMPARED:
            return _both(COMPARED[type(kind)], left, right, values)
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, *otherwise]):
            decided = _value(condition, values)
            if decided is None:
                return None
            chosen = [then] if decided else otherwise
            return _value(chosen[0], values) if chosen else None
        case ast.Call(func=ast.Name(id="FILL"), args=[series, filler]):
            value = _value(series, values)
            return _value(filler, values) if value is None else value
        case ast.Call(func=ast.Name(id=name), args=[ast.List(elts=several)]) if name in OVER_SERIES:
            there = [value for value in (_value(one, values) for one in several) if value is not None]
            return OVER_SERIES[name](there) if there else None
    raise ExpressionError(ast.unparse(node))


def _both(
    apply: Callable[[Any, Any], Any], left: ast.expr, right: ast.expr, values: Mapping[str, float | None]
) -> float | None:
    first, second = _value(left, values), _value(right, values)
    return None if first is None or second is None else float(apply(first, second))

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Binary:
    operator: str
    left: Number | Binary
    right: Number | Binary


def evaluate(node):
    match node:
        case Number(value):
            return value
        case Binary("+", left, right):
            return evaluate(left) + evaluate(right)
        case Binary("*", left, right):
            return evaluate(left) * evaluate(right)
        case Binary(operator="-", left=Number(0), right=right):
            return -evaluate(right)
        case Binary(operator=op):
            raise ValueError(f"unknown operator {op}")


def simplify(node):
    match node:
        case Binary("*", Number(1), other) | Binary("*", other, Number(1)) | Binary("+", Number(0), other):
            return simplify(other)
        case Binary(op, left, right):
            return Binary(op, simplify(left), simplify(right))
        case _:
            return node


tree = Binary("+", Number(0), Binary("*", Binary("+", Number(2), Number(3)), Number(1)))
try:
    evaluate(Binary("%", Number(1), Number(2)))
except ValueError as error:
    message = str(error)
[evaluate(tree), repr(simplify(tree)), evaluate(Binary("-", Number(0), Number(4))), message, simplify(tree) == Binary("+", Number(2), Number(3))]

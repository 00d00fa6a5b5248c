from dataclasses import asdict, dataclass, field


@dataclass(order=True)
class Line:
    total: float = field(init=False)
    sku: str
    quantity: int
    price: float

    def __post_init__(self):
        self.total = round(self.quantity * self.price, 2)


@dataclass
class Report:
    title: str
    lines: list[Line] = field(default_factory=list)

    @property
    def total(self) -> float:
        return sum(line.total for line in self.lines)


report = Report("March")
for order in orders:
    report.lines.append(Line(order["sku"], order["quantity"], order["price"]))
report.lines.sort(reverse=True)
{"title": report.title, "total": round(report.total, 2), "top": asdict(report.lines[0]), "repr": repr(report.lines[-1])}

"""What came back, read: delivery reports, complaints, answers of machines, letters of people.

Serves receiving and `receipts read`. Pure, total: what cannot be made out is a letter of a person. It
says what stands there; what that means is decided in `core.judging`.
"""

from publisher.kit.bounces.reading import read_report

__all__ = ["read_report"]

"""Tracing a cell whose gate is plain Python: the trace keeps the branch that the example takes, and forgets the other."""

import torch

from models import Cell, DecisionGate

x, h = torch.rand(3, 4), torch.rand(3, 4)

traced_cell = torch.jit.trace(Cell(DecisionGate()), (x, h))

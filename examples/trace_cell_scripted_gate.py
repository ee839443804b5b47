"""Tracing a cell whose gate was scripted: the gate is a call to compiled code, and keeps both branches."""

import torch

from models import Cell, DecisionGate

x, h = torch.rand(3, 4), torch.rand(3, 4)

scripted_gate = torch.jit.script(DecisionGate())
traced_cell = torch.jit.trace(Cell(scripted_gate), (x, h))

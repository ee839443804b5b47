"""Scripting the cell: the compiler reads the code, the gate's with it, and keeps both branches."""

import torch

from models import Cell, DecisionGate

scripted_cell = torch.jit.script(Cell(DecisionGate()))

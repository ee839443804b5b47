"""Both ways together: a scripted loop around a traced cell around a scripted gate keeps the loop and the branch."""

import torch

from models import Cell, DecisionGate, RNNLoop

x, h = torch.rand(3, 4), torch.rand(3, 4)

scripted_gate = torch.jit.script(DecisionGate())
traced_cell = torch.jit.trace(Cell(scripted_gate), (x, h))
scripted_loop = torch.jit.script(RNNLoop(traced_cell))

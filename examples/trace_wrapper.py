"""Tracing a wrapper around the scripted loop: what is inside of the loop was compiled and stays as it is."""

import torch

from models import Cell, DecisionGate, RNNLoop, WrapRNN

x, h = torch.rand(3, 4), torch.rand(3, 4)

scripted_gate = torch.jit.script(DecisionGate())
traced_cell = torch.jit.trace(Cell(scripted_gate), (x, h))
scripted_loop = torch.jit.script(RNNLoop(traced_cell))
traced_wrapper = torch.jit.trace(WrapRNN(scripted_loop), torch.rand(10, 3, 4))

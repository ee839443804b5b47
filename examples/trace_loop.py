"""Tracing the loop itself: it is unrolled to the length of the example, and torch says nothing about it."""

import torch

from models import Cell, DecisionGate, RNNLoop

scripted_gate = torch.jit.script(DecisionGate())
traced_loop = torch.jit.trace(RNNLoop(Cell(scripted_gate)), torch.rand(10, 3, 4))

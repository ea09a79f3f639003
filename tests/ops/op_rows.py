"""The table of ops: one row per op, or several where regions differ."""

from __future__ import annotations

from choosing_rows import choosing_rows
from convolution_rows import convolution_rows
from folding_rows import folding_rows
from fused_rows import gate_and_fused_rows
from loss_rows import learning_rows
from normal_rows import normal_rows
from op_row import Row
from op_rows_activations import activation_rows
from op_rows_arrays import dropout_rows, linear_rows, shape_rows, sum_rows
from op_rows_elementwise import arithmetic_rows
from op_rows_losses import loss_rows

ROWS: tuple[Row, ...] = (
    *linear_rows(),
    *shape_rows(),
    *sum_rows(),
    *arithmetic_rows(),
    *activation_rows(),
    *loss_rows(),
    *dropout_rows(),
    *learning_rows(),
    *convolution_rows(),
    *choosing_rows(),
    *folding_rows(),
    *gate_and_fused_rows(),
    *normal_rows(),
)

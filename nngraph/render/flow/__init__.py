"""Networks whose layers lie along one line, in turns like a river, or in a U: every place is
computed here, and images are volumes to scale."""

from nngraph.render.flow.chart import Chart, flow_dot, flows, laid_out

__all__ = ["Chart", "flow_dot", "flows", "laid_out"]

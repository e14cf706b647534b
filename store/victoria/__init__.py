"""VictoriaMetrics, one node or a cluster: line protocol in, raw samples out (docs/scale-out.md)."""

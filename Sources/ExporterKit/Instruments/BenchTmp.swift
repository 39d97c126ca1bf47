extension LabeledFamily { public func collectForBench() -> MetricFamily { collect() } }

# Everything is in scripts/; these are the names for it. Arguments: make demo ARGS=--check
.PHONY: help demo test bench lint clean

help:
	@echo 'make demo    real servers, the three exporters and Prometheus, with sample data (ARGS=--check verifies and exits)'
	@echo 'make test    everything needed, then all tests against real servers, then lint (ARGS: for swift test)'
	@echo 'make bench   side by side with the client libraries of other languages and the official exporters (ARGS=kit: the former)'
	@echo 'make lint    format, scripts, what the executables link'
	@echo 'make clean   take down servers, delete build products'

demo:
	@scripts/demo $(ARGS)

test:
	@scripts/test $(ARGS)

bench:
	@scripts/bench $(ARGS)

lint:
	@scripts/lint $(ARGS)

clean:
	@scripts/clean $(ARGS)

# Everything is in scripts/; these are the names for it. Arguments: make demo ARGS=--check
.PHONY: help demo test tsan bench examples docs lint clean

help:
	@echo 'make demo      real servers, the three exporters and Prometheus, with sample data (ARGS=--check verifies and exits)'
	@echo 'make test      everything needed, then all tests against real servers, then lint (ARGS: for swift test)'
	@echo 'make tsan      the tests of instruments and registry under the thread sanitizer'
	@echo 'make bench     side by side with the client libraries of other languages and the official exporters (ARGS=kit: the former)'
	@echo 'make examples  builds the packages of Examples/, starts them and asks for their metrics (ARGS: names)'
	@echo 'make docs      the documentation of ExporterKit, its links and samples checked'
	@echo 'make lint      format, scripts, documentation, what the executables link'
	@echo 'make clean     take down servers, delete build products'

demo:
	@scripts/demo $(ARGS)

test:
	@scripts/test $(ARGS)

tsan:
	@scripts/tsan $(ARGS)

bench:
	@scripts/bench $(ARGS)

examples:
	@scripts/examples $(ARGS)

docs:
	@scripts/docs $(ARGS)

lint:
	@scripts/lint $(ARGS)

clean:
	@scripts/clean $(ARGS)

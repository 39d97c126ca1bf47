// The cases of ../../README.md with client_golang. GOPATH mode: Debian's packages, no module file.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"log"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
)

var bounds = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25}
var methods = []string{"GET", "POST", "PUT", "DELETE", "PATCH"}
var codes = []string{"200", "201", "204", "301", "400", "401", "403", "404", "500", "503"}

// The sequence of pseudo-random numbers that all programs draw from.
type draw uint64

func (d *draw) next() uint64 {
	*d = *d*6364136223846793005 + 1442695040888963407
	return uint64(*d)
}

func (d *draw) fraction() float64 { return float64(d.next()>>11) / (1 << 53) }

// 1,024 observations over all 13 buckets.
func observations() []float64 {
	d := draw(42)
	values := make([]float64, 1024)
	for i := range values {
		bucket := int(d.next() >> 33 % 13)
		upper := 60.0
		if bucket < len(bounds) {
			upper = bounds[bucket]
		}
		values[i] = upper * (0.6 + 0.4*d.fraction())
	}
	return values
}

func values3(i int) []string {
	return []string{methods[i%5], codes[i/5%10], fmt.Sprintf("/api/v1/resources/%05d", i/50)}
}

// Nanoseconds for one of count operations, each thread doing all of them on the same metric.
func perOperation(threads, count int, body func(count int)) float64 {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for t := 0; t < threads; t++ {
		ready.Add(1)
		done.Add(1)
		go func() {
			runtime.LockOSThread()
			ready.Done()
			<-start
			body(count)
			done.Done()
		}()
	}
	ready.Wait()
	began := time.Now()
	close(start)
	done.Wait()
	return float64(time.Since(began).Nanoseconds()) / float64(count)
}

func counters(count int) (*prometheus.Registry, *prometheus.CounterVec) {
	registry := prometheus.NewRegistry()
	family := prometheus.NewCounterVec(
		prometheus.CounterOpts{Name: "http_requests_total", Help: "Requests served."}, []string{"method", "code", "path"})
	registry.MustRegister(family)
	for i := 0; i < count; i++ {
		family.WithLabelValues(values3(i)...).Add(float64(1_000_000 + i*7919%9_000_000))
	}
	return registry, family
}

func gauges(count int) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	family := prometheus.NewGaugeVec(
		prometheus.GaugeOpts{Name: "queue_fill_ratio", Help: "How full the queue is."}, []string{"method", "code", "path"})
	registry.MustRegister(family)
	d := draw(42)
	for i := 0; i < count; i++ {
		family.WithLabelValues(values3(i)...).Set(d.fraction())
	}
	return registry
}

func histograms(count int) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	family := prometheus.NewHistogramVec(
		prometheus.HistogramOpts{Name: "request_duration_seconds", Help: "Time to serve a request.", Buckets: bounds},
		[]string{"method", "code", "path"})
	registry.MustRegister(family)
	drawn := observations()
	for i := 0; i < count; i++ {
		child := family.WithLabelValues(values3(i)...)
		for j := 0; j < 16; j++ {
			child.Observe(drawn[(i*16+j)%1024])
		}
	}
	return registry
}

func encode(registry *prometheus.Registry, buffer *bytes.Buffer) {
	buffer.Reset()
	families, err := registry.Gather()
	if err != nil {
		log.Fatal(err)
	}
	encoder := expfmt.NewEncoder(buffer, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, family := range families {
		if err := encoder.Encode(family); err != nil {
			log.Fatal(err)
		}
	}
}

func encoding(registry *prometheus.Registry, lines, repeats int) func() float64 {
	var buffer bytes.Buffer
	encode(registry, &buffer)
	return func() float64 {
		return perOperation(1, repeats*lines, func(int) {
			for i := 0; i < repeats; i++ {
				encode(registry, &buffer)
			}
		})
	}
}

func allocations(registry *prometheus.Registry) func() float64 {
	var buffer bytes.Buffer
	encode(registry, &buffer)
	return func() float64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		encode(registry, &buffer)
		runtime.ReadMemStats(&after)
		return float64(after.Mallocs - before.Mallocs)
	}
}

func registering(count int) func() float64 {
	labels := make([][]string, count)
	for i := range labels {
		labels[i] = values3(i)
	}
	return func() float64 {
		runtime.GC()
		registry := prometheus.NewRegistry()
		return perOperation(1, count, func(int) {
			family := prometheus.NewCounterVec(
				prometheus.CounterOpts{Name: "a_total", Help: "A."}, []string{"method", "code", "path"})
			registry.MustRegister(family)
			for _, values := range labels {
				family.WithLabelValues(values...)
			}
		})
	}
}

func observing(options prometheus.HistogramOpts, threads, count int) func() float64 {
	options.Name, options.Help = "a_seconds", "A."
	histogram := prometheus.NewHistogram(options)
	drawn := observations()
	return func() float64 {
		return perOperation(threads, count, func(count int) {
			for i := 0; i < count; i++ {
				histogram.Observe(drawn[i&1023])
			}
		})
	}
}

func incrementing(threads, count int, amount float64) func() float64 {
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "a_total", Help: "A."})
	return func() float64 {
		return perOperation(threads, count, func(count int) {
			if amount == 1 {
				for i := 0; i < count; i++ {
					counter.Inc()
				}
			} else {
				for i := 0; i < count; i++ {
					counter.Add(amount)
				}
			}
		})
	}
}

func setting(threads, count int) func() float64 {
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "a", Help: "A."})
	return func() float64 {
		return perOperation(threads, count, func(count int) {
			for i := 0; i < count; i++ {
				gauge.Set(float64(i))
			}
		})
	}
}

func lookingUp(threads, count int) func() float64 {
	family := prometheus.NewCounterVec(
		prometheus.CounterOpts{Name: "http_requests_total", Help: "Requests served."}, []string{"method", "code"})
	pairs := make([][2]string, 50)
	for i := range pairs {
		pairs[i] = [2]string{methods[i%5], codes[i/5]}
		family.WithLabelValues(pairs[i][0], pairs[i][1])
	}
	return func() float64 {
		return perOperation(threads, count, func(count int) {
			for i, next := 0, 0; i < count; i++ {
				family.WithLabelValues(pairs[next][0], pairs[next][1]).Inc()
				if next++; next == len(pairs) {
					next = 0
				}
			}
		})
	}
}

type benchmark struct {
	unit string
	make func() func() float64
}

var native = prometheus.HistogramOpts{NativeHistogramBucketFactor: 1.1}

var benchmarks = map[string]benchmark{
	"counter_inc":          {"ns", func() func() float64 { return incrementing(1, 10_000_000, 1) }},
	"counter_inc_2t":       {"ns", func() func() float64 { return incrementing(2, 5_000_000, 1) }},
	"counter_add":          {"ns", func() func() float64 { return incrementing(1, 5_000_000, 0.5) }},
	"counter_add_2t":       {"ns", func() func() float64 { return incrementing(2, 2_000_000, 0.5) }},
	"gauge_set":            {"ns", func() func() float64 { return setting(1, 10_000_000) }},
	"gauge_set_2t":         {"ns", func() func() float64 { return setting(2, 5_000_000) }},
	"histogram_observe":    {"ns", func() func() float64 { return observing(prometheus.HistogramOpts{Buckets: bounds}, 1, 4_000_000) }},
	"histogram_observe_2t": {"ns", func() func() float64 { return observing(prometheus.HistogramOpts{Buckets: bounds}, 2, 1_000_000) }},
	"native_observe":       {"ns", func() func() float64 { return observing(native, 1, 2_000_000) }},
	"native_observe_2t":    {"ns", func() func() float64 { return observing(native, 2, 500_000) }},
	"lookup":               {"ns", func() func() float64 { return lookingUp(1, 1_000_000) }},
	"lookup_2t":            {"ns", func() func() float64 { return lookingUp(2, 500_000) }},
	"register_10k":         {"ns", func() func() float64 { return registering(10_000) }},
	"register_100k":        {"ns", func() func() float64 { return registering(100_000) }},
	"encode_1k":            {"ns", func() func() float64 { r, _ := counters(1_000); return encoding(r, 1_000, 20) }},
	"encode_100k":          {"ns", func() func() float64 { r, _ := counters(100_000); return encoding(r, 100_000, 1) }},
	"encode_gauges_100k":   {"ns", func() func() float64 { return encoding(gauges(100_000), 100_000, 1) }},
	"encode_histograms_1k": {"ns", func() func() float64 { return encoding(histograms(1_000), 15_000, 5) }},
	"encode_1k_allocations": {"blocks", func() func() float64 { r, _ := counters(1_000); return allocations(r) }},
	"encode_100k_allocations": {"blocks", func() func() float64 { r, _ := counters(100_000); return allocations(r) }},
}

func serve(count int, port string) {
	registry, _ := counters(count)
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, nil))
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == "serve" {
		count, _ := strconv.Atoi(os.Args[2])
		serve(count, os.Args[3])
	}
	if len(os.Args) == 2 && os.Args[1] == "dump" {
		var buffer bytes.Buffer
		for _, registry := range []*prometheus.Registry{func() *prometheus.Registry { r, _ := counters(1_000); return r }(), gauges(1_000), histograms(1_000)} {
			encode(registry, &buffer)
			os.Stdout.Write(buffer.Bytes())
		}
		return
	}
	var name string
	var run func() float64
	for input := bufio.NewScanner(os.Stdin); input.Scan(); {
		wanted, known := benchmarks[input.Text()]
		if !known {
			fmt.Printf("%s - none\n", input.Text())
			continue
		}
		if name != input.Text() {
			name, run = input.Text(), nil
			runtime.GC()
			run = wanted.make()
		}
		fmt.Printf("%s %.4g %s\n", name, run(), wanted.unit)
	}
}

// Command bench measures the built program as its users meet it: one process on one
// core, asked over HTTP from the other, beside a static responder that does nothing but
// answer (docs/performance.md). "make bench-load" runs it. It needs Go, Linux and
// Debian's taskset, and changes nothing outside its folder and docs/performance.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nodobridge/internal/fill"
)

// The cores: what is measured has one to itself, what measures the other.
const (
	measuredCore = "0"
	driverCore   = "1"
)

const usage = `bench measures nodobridge:
  bench run -binary FILE -dir DIR     everything; results on standard output, and in a
                                      document and a plot if asked for
  bench fill -dir DIR -positions N    make a store
  bench responder -bytes N            the static responder
  bench receipts -dir DIR             record receipts without HTTP, as fast as it goes
`

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	commands := map[string]func(context.Context, []string) error{
		"run": run, "fill": fillStore, "responder": respond, "receipts": recordReceipts,
	}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if err := commands[os.Args[1]](ctx, os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func fillStore(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("fill", flag.ExitOnError)
	dir := flags.String("dir", "", "folder to create the store in")
	positions := flags.Int("positions", 1000, "how many")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" {
		return errors.New("fill: -dir is missing")
	}
	start := time.Now()
	err := fill.Store(ctx, *dir, *positions, func(n int) {
		if n%100_000 == 0 {
			fmt.Fprintf(os.Stderr, "%d positions after %v\n", n, time.Since(start).Round(time.Second))
		}
	})
	return err
}

// settings are what a run is told.
type settings struct {
	binary   string
	dir      string
	label    string // of the run: quiet or loaded
	document string
	plot     string
	sizes    []int
	round    time.Duration
	rounds   int
	calls    int  // mixed calls for the growth of memory, a tenth of them first
	reads    bool // only the comparison of reads
}

// onDriverCore is set in the process that measures, once it is on its core.
const onDriverCore = "BENCH_ON_CORE"

func run(ctx context.Context, args []string) error {
	s := settings{}
	flags := flag.NewFlagSet("run", flag.ExitOnError)
	flags.StringVar(&s.binary, "binary", "bin/nodobridge", "the built program")
	flags.StringVar(&s.dir, "dir", "", "folder for stores; they are kept for the next run")
	flags.StringVar(&s.label, "label", "", "name of the run in the document, e.g. quiet or loaded")
	flags.StringVar(&s.document, "document", "", "Markdown document whose section of the label is replaced")
	flags.StringVar(&s.plot, "plot", "", "SVG file to write")
	sizes := flags.String("sizes", "1000,10000,100000,1000000", "numbers of positions, ascending")
	flags.DurationVar(&s.round, "round", 3*time.Second, "length of a round")
	flags.IntVar(&s.rounds, "rounds", 5, "rounds of each kind, interleaved with the static responder's")
	flags.IntVar(&s.calls, "calls", 1_000_000, "mixed calls for the growth of memory")
	flags.BoolVar(&s.reads, "reads", false, "only compare reads with the responder")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, text := range strings.Split(*sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || len(s.sizes) > 0 && n <= s.sizes[len(s.sizes)-1] {
			return fmt.Errorf("run: -sizes %q: want ascending numbers", *sizes)
		}
		s.sizes = append(s.sizes, n)
	}
	switch {
	case s.dir == "":
		return errors.New("run: -dir is missing")
	case s.document != "" && s.label == "":
		return errors.New("run: -document needs -label")
	case s.rounds < 1 || s.round <= 0 || s.calls < 10:
		return errors.New("run: -rounds, -round and -calls must be positive")
	}
	if os.Getenv(onDriverCore) == "" {
		return again(ctx)
	}
	return s.measure(ctx)
}

// again runs this program once more, on the driver's core.
func again(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "taskset", append([]string{"--cpu-list", driverCore, self}, os.Args[1:]...)...)
	cmd.Env = append(os.Environ(), onDriverCore+"=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	return cmd.Run()
}

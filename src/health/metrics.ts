import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { CounterConfiguration, GaugeConfiguration, HistogramConfiguration } from 'prom-client';

type Own<C> = Omit<C, 'registers'>;

/** The figures of this process, under a registry of its own. Names start with `berth_`; labels have few values. */
export class Metrics {
  private readonly registry = new Registry();

  constructor(build: { readonly version: string }) {
    collectDefaultMetrics({ register: this.registry });
    this.gauge({
      name: 'berth_build_info',
      help: 'Always 1; the labels say what runs.',
      labelNames: ['version', 'node'],
    }).set({ version: build.version, node: process.version }, 1);
  }

  counter<L extends string>(options: Own<CounterConfiguration<L>>): Counter<L> {
    return new Counter({ ...options, registers: [this.registry] });
  }

  /** With `collect`, the value is asked for when somebody scrapes. */
  gauge<L extends string>(options: Own<GaugeConfiguration<L>>): Gauge<L> {
    return new Gauge({ ...options, registers: [this.registry] });
  }

  histogram<L extends string>(options: Own<HistogramConfiguration<L>>): Histogram<L> {
    return new Histogram({ ...options, registers: [this.registry] });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Everything, in Prometheus' text format. */
  print(): Promise<string> {
    return this.registry.metrics();
  }
}

import { z } from 'zod';

const url = z.object({ url: z.string() });
const service = url.extend({ versions: z.record(z.string(), url).nullish() });

/** The discovery document, as far as we use it. Unknown sections and keys are none of our business. */
const document = z.object({
  datasets: z
    .record(
      z.string(),
      z.object({ butler_config: z.string().nullish(), services: z.record(z.string(), service).nullish() }),
    )
    .nullish(),
  influxdb_databases: z.record(z.string(), z.looseObject({})).nullish(),
  services: z.object({ internal: z.record(z.string(), service).nullish() }).nullish(),
});

export type DiscoveryDocument = z.output<typeof document>;
type Service = z.output<typeof service>;

/** @throws {z.ZodError} naming what is not as expected */
export const readDiscovery = (body: unknown): DiscoveryDocument => document.parse(body);

/**
 * The part of the document that every lab gets (contract 5.3, and appendix C for the two oddities:
 * `local` is always said, and a dataset without services stays, empty). Empty sections are left out.
 */
export function reduceDiscovery({ datasets, influxdb_databases, services }: DiscoveryDocument): object {
  const sections = {
    datasets: mapValues(datasets ?? {}, ({ butler_config, services: offered }) => ({
      ...(typeof butler_config === 'string' ? { butler_config } : {}),
      ...(offered ? { services: mapValues(offered, reduceService) } : {}),
    })),
    influxdb_databases: mapValues(influxdb_databases ?? {}, (database) => ({ local: false, ...database })),
    services: filled({ internal: mapValues(services?.internal ?? {}, reduceService) }),
  };
  return filled(sections);
}

const reduceService = ({ url: address, versions }: Service): object => ({
  url: address,
  ...filled({ versions: mapValues(versions ?? {}, (version) => ({ url: version.url })) }),
});

const mapValues = <V, W>(record: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

const filled = (sections: Readonly<Record<string, object>>): object =>
  Object.fromEntries(Object.entries(sections).filter(([, section]) => Object.keys(section).length > 0));

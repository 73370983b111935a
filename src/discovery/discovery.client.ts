import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { getJson } from '../common/get-json.js';
import { Log } from '../common/logger.js';
import { seconds } from '../common/units.js';
import { AppSettings } from '../config/index.js';
import { DiscoveryUnavailable } from './discovery.errors.js';
import { readDiscovery, reduceDiscovery } from './reduced.mapper.js';
import type { DiscoveryDocument } from './reduced.mapper.js';

const LIFETIME = seconds(300);
/** After a failure the stale copy is used this long before anybody asks again, and so is one that lacks a service. */
const RETRY_AFTER = seconds(10);

/**
 * Repertoire, the platform's service discovery (contract 11.4). The document is kept five minutes; if it cannot be
 * fetched anew, the old one goes on serving. Whoever asks meanwhile waits for the same fetch.
 */
@Injectable()
export class DiscoveryClient {
  private known: { readonly document: DiscoveryDocument; readonly until: number } | undefined;
  private underway: Promise<DiscoveryDocument> | undefined;

  constructor(
    private readonly settings: AppSettings,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * URL of an internal service, or of one version of its API.
   * @throws {DiscoveryUnavailable}
   */
  async serviceUrl(name: string, version?: string): Promise<string> {
    const service = (await this.document()).services?.internal?.[name];
    const url = version === undefined ? service?.url : service?.versions?.[version]?.url;
    if (url === undefined) {
      this.askAgainSoon();
      throw new DiscoveryUnavailable('Service discovery does not know this service', {
        context: { name, version },
      });
    }
    return url;
  }

  /**
   * The reduced document for labs (contract 5.3); without discovery configured, an empty object.
   * @throws {DiscoveryUnavailable}
   */
  async reduced(): Promise<unknown> {
    if (this.settings.repertoireBaseUrl === undefined) return {};
    return reduceDiscovery(await this.document());
  }

  private async document(): Promise<DiscoveryDocument> {
    if (this.known && this.known.until > this.clock.monotonic()) return this.known.document;
    this.underway ??= this.renew().finally(() => (this.underway = undefined));
    return this.underway;
  }

  /** What is missing may be on its way: a platform that is being installed must not wait for as long as one that stands. */
  private askAgainSoon(): void {
    if (!this.known) return;
    const until = Math.min(this.known.until, this.clock.monotonic() + RETRY_AFTER);
    this.known = { ...this.known, until };
  }

  private async renew(): Promise<DiscoveryDocument> {
    try {
      const document = readDiscovery(await this.fetch());
      this.known = { document, until: this.clock.monotonic() + LIFETIME };
      return document;
    } catch (error) {
      if (this.known === undefined) {
        throw new DiscoveryUnavailable('Service discovery gave no usable answer', { cause: error });
      }
      this.log.warn('service discovery failed, the last document is used', { error });
      this.known = { ...this.known, until: this.clock.monotonic() + RETRY_AFTER };
      return this.known.document;
    }
  }

  private async fetch(): Promise<unknown> {
    const base = this.settings.repertoireBaseUrl;
    if (base === undefined) throw new Error('REPERTOIRE_BASE_URL is not set');
    const { status, body } = await getJson(this.clock, `${base.replace(/\/+$/, '')}/discovery`);
    if (status === 200) return body;
    throw new Error(`discovery answered ${String(status)}`);
  }
}

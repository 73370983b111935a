import type { z } from 'zod';
import type { Secret } from './secret.js';
import type { ConfigFile } from './file.schema.js';
import type { labSizeSchema } from './lab-size.schema.js';
import type { initContainerSchema, labSecretSchema, pullPolicy } from './lab-container.schema.js';

type Plain = string | number | boolean | bigint | symbol | null | undefined | Secret;

/** Read-only through and through; branded numbers stay what they are. */
export type DeepReadonly<T> = T extends Plain
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : { readonly [Key in keyof T]: DeepReadonly<T[Key]> };

type Parsed<Schema extends z.ZodType> = DeepReadonly<z.output<Schema>>;

export type LabSize = Parsed<typeof labSizeSchema>;
export type LabSecret = Parsed<typeof labSecretSchema>;
export type InitContainer = Parsed<typeof initContainerSchema>;
export type PullPolicy = z.output<ReturnType<typeof pullPolicy>>;

type File = DeepReadonly<ConfigFile>;
type FileLab = File['lab'];
type FileImages = File['images'];

export type LabSettings = Omit<FileLab, 'emptyDirSource' | 'homeVolumeName' | 'sizes' | 'tmpSource'> & {
  readonly emptyDirSource: 'memory' | 'disk';
  readonly homeVolumeName: string;
  readonly sizes: readonly LabSize[];
};

type WithoutLegacy<Source> = Source extends unknown ? Omit<Source, 'credentialsPath'> : never;

export type ImageSource = WithoutLegacy<FileImages['source']>;

export type ImagesSettings = Omit<FileImages, 'dockerCredentialsPath' | 'source'> & {
  readonly source: ImageSource;
  /** A `.dockerconfigjson` file; `undefined` means that no credentials shall be used. */
  readonly dockerCredentialsPath: string | undefined;
};

export type MenuSettings = File['dropdownMenu'];
export type FileserverSettings = File['fileserver'];
/** The section of an operator who wants file servers. */
export type EnabledFileserver = Extract<FileserverSettings, { readonly enabled: true }>;
export type FsadminSettings = File['fsadmin'];
export type BerthSettings = File['berth'];
export type AuthSettings = BerthSettings['auth'];
export type DevelopmentUser = AuthSettings['development']['users'][number];

/** An image of ours that init containers, file servers and fsadmin run (contract 3.7). */
export interface UtilityImage {
  readonly repository: string;
  readonly tag: string;
  readonly pullPolicy: PullPolicy;
}

/** What the pod's metadata files say of ourselves; all absent outside a pod. */
export interface PodMetadata {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly uid: string | undefined;
}

/** Proxies for requests that leave the cluster, as the usual variables name them. */
export interface Proxies {
  readonly http: string | undefined;
  readonly https: string | undefined;
  /** Hosts that are reached without, as in `NO_PROXY`. */
  readonly exceptions: string | undefined;
}

/** What comes from the process environment instead of the files (contract 3.7). */
export interface EnvironmentSettings {
  readonly externalInstanceUrl: string;
  readonly repertoireBaseUrl: string | undefined;
  readonly slackWebhook: Secret | undefined;
  readonly utilityImage: UtilityImage;
  readonly proxies: Proxies;
}

/** The whole configuration: checked, complete, frozen. Files, environment and pod metadata in one object. */
export interface Settings extends EnvironmentSettings {
  readonly name: string;
  /** Without a slash at its end; may be empty. */
  readonly pathPrefix: string;
  readonly logLevel: File['logLevel'];
  readonly logProfile: 'production' | 'development';
  readonly images: ImagesSettings;
  readonly dropdownMenu: MenuSettings;
  readonly lab: LabSettings;
  readonly fileserver: FileserverSettings;
  readonly fsadmin: FsadminSettings;
  readonly berth: BerthSettings;
  /** The value behind `berth.auth.proxySecret`. */
  readonly proxySecret: Secret | undefined;
  readonly pod: PodMetadata;
}

/** Where the content of a configured volume comes from (contract 3.6, "Volume source"). */
export type VolumeSource =
  | { readonly type: 'hostPath'; readonly path: string }
  | { readonly type: 'nfs'; readonly server: string; readonly serverPath: string; readonly readOnly: boolean }
  | {
      readonly type: 'persistentVolumeClaim';
      readonly accessModes: readonly string[];
      readonly storageClassName: string;
      readonly resources: { readonly requests: Readonly<Record<string, string>> };
      readonly readOnly: boolean;
    };

export interface ConfiguredVolume {
  readonly name: string;
  readonly source: VolumeSource;
}

/** Contract 3, "volume mount". */
export interface ConfiguredMount {
  readonly containerPath: string;
  readonly volumeName: string;
  readonly subPath?: string | undefined;
  readonly readOnly: boolean;
}

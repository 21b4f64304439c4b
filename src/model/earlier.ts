import type { FileResource } from './resource.ts';

/** What a path had on it before certain runs. */
export type EarlierFile =
  | ({
      readonly kind: 'ours';
      /** It is so now, too. */
      readonly isLive: boolean;
    } & Pick<FileResource, 'content' | 'mode' | 'owner' | 'group'>)
  /** Nothing, or something that was there before us; `isThere`: ours is there now. */
  | { readonly kind: 'not-ours'; readonly isThere: boolean };

/** By host and path. */
export type EarlierFiles = ReadonlyMap<string, ReadonlyMap<string, EarlierFile>>;

/** The part of ncc's programmatic interface that the build uses; the package has no types. */
declare module '@vercel/ncc' {
  interface Options {
    readonly cache?: string | false;
    /** False for CommonJS, regardless of the type of the entry's package. */
    readonly esm?: boolean;
    /** Modules to leave out, as imports name them. */
    readonly externals?: Readonly<Record<string, string>>;
    readonly minify?: boolean;
    readonly quiet?: boolean;
    readonly sourceMap?: boolean;
    readonly target?: string;
  }
  interface Bundle {
    readonly code: string;
    /** The files besides the first one, by name. */
    readonly assets: Readonly<Record<string, { readonly source: string | Uint8Array }>>;
    /** webpack's statistics of the build. */
    readonly stats: {
      toJson(options: Readonly<Record<string, boolean>>): { readonly modules?: readonly Module[] };
    };
  }
  export interface Module {
    /** The path of its file; null for a module that is concatenated from others. */
    readonly nameForCondition?: string | null;
    readonly modules?: readonly Module[];
  }
  export default function ncc(entry: string, options?: Options): Promise<Bundle>;
}

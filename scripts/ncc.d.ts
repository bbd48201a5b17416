/** The part of ncc's programmatic interface that the build uses; the package brings no types. */
declare module '@vercel/ncc' {
  interface Options {
    readonly cache?: string | false;
    /** False for CommonJS, whatever the package of the entry is. */
    readonly esm?: boolean;
    /** Modules that are left out, as imports name them. */
    readonly externals?: Readonly<Record<string, string>>;
    readonly minify?: boolean;
    readonly quiet?: boolean;
    readonly sourceMap?: boolean;
    readonly target?: string;
  }
  interface Bundle {
    readonly code: string;
    /** The other files besides the first one, by name. */
    readonly assets: Readonly<Record<string, { readonly source: string | Uint8Array }>>;
    /** What webpack says of its work. */
    readonly stats: {
      toJson(options: Readonly<Record<string, boolean>>): { readonly modules?: readonly Module[] };
    };
  }
  export interface Module {
    /** The path of its file; null for one that is made of others. */
    readonly nameForCondition?: string | null;
    readonly modules?: readonly Module[];
  }
  export default function ncc(entry: string, options?: Options): Promise<Bundle>;
}

/** A class without instances. */
declare class Unused {
  private constructor();
  private readonly unused: never;
}

declare function unused(): never;

export {
  Unused as Blob,
  Unused as default,
  Unused as File,
  Unused as FormData,
  unused as blobFrom,
  unused as blobFromSync,
  unused as fileFrom,
  unused as fileFromSync,
  unused as formDataToBlob,
};

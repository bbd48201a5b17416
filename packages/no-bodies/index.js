/**
 * Replaces what node-fetch imports for bodies that are forms, blobs or files. The action neither sends nor
 * reads any, and the original packages would make Node load its web streams and file promises before the
 * first request. node-fetch checks whether a body is an instance of these classes. None is, because they
 * cannot be instantiated.
 */
class Unused {
  constructor() {
    unused();
  }
}

function unused() {
  throw new TypeError('This build of node-fetch does not support forms, blobs and files');
}

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

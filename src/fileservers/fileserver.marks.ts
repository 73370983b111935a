/*
 * Labels by which the objects of file servers are recognised (contract 5.1, design section 2 "Ownership and names").
 */

export const CATEGORY_LABEL = 'nublado.lsst.io/category';
export const USER_LABEL = 'nublado.lsst.io/user';
export const FILESERVER = 'fileserver';

/** The controller's namespace: which Berth an object belongs to. */
export const INSTANCE = 'berth.dev/instance';
/** UID of the FileServer resource. */
export const OWNER = 'berth.dev/owner';
export const OPERATION = 'berth.dev/operation';

/** The only container of a server's pod. */
export const CONTAINER = 'fileserver';
export const PORT = 8000;

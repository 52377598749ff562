/** Names of snapshots; pure. */

/** As LXD names them itself: the first of `snap0`, `snap1`, ... that is free. */
export const freeName = (taken: ReadonlySet<string>): string => {
  let at = 0
  while (taken.has(`snap${at}`)) at++
  return `snap${at}`
}

/** The step under way, and how far it is: bytes, or fractions of 1 where `total` is 1. */
export interface ImageProgress {
  readonly step: 'resolve' | 'wait' | 'download' | 'check' | 'unpack' | 'copy' | 'convert' | 'build'
  /** Words of the step itself, for instance what mmdebstrap is doing. */
  readonly detail?: string
  readonly done: number
  readonly total: number | null
}

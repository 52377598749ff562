import type { AppError } from '../../contract/index.ts'

/** What a script may rely on; docs/cli.md has the same table. */
export const EXIT_CODES: Readonly<Record<AppError['kind'], number>> = {
  'invalid-input': 2,
  ambiguous: 2,
  'not-found': 3,
  permission: 4,
  'host-key': 4,
  refused: 4,
  connection: 5,
  timeout: 6,
  cancelled: 130,
  precondition: 1,
  unsupported: 1,
  busy: 1,
  libvirt: 1,
  internal: 1,
}

/** cloud-init: what a guest is told at its first start. */
export { AGENT_FILES } from './agent-commands.ts'
export { parseCloudConfig } from './cloud-config.ts'
export { seedDocuments } from './documents.ts'
export { hashPassword } from './password-hash.ts'
export type { GuestFamily, SeedDocuments, SeedDraft, SeedNic, SeedUser } from './seed-draft.ts'
export { seedImage, type SeedFile } from './seed-image.ts'
export { findPublicKeys, parsePublicKey, type FoundKey, type PublicKey } from './ssh-keys.ts'
export { readBootStatus, type CloudInitStatus } from './boot-status.ts'

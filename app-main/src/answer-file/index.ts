/** Answer files: what an installer would ask, answered before it starts. */
export { answersFor, installerOf, type InstallerKind } from './installer.ts'
export type { AnswerDraft, Answers, FixedAddress } from './answer-draft.ts'
export { checkAnswers, type AnswerCheck } from './check.ts'
export { appendFiles } from './initrd.ts'

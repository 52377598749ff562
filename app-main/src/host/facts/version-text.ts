import type { Machine } from '../machine.ts'

/** What these programs say of themselves: slower than a socket, so asked later and only where no socket told. */
const ASK_MS = 5000

/** The first dotted number in what `program --version` says; null when it says none. */
export const toldVersion = async ({ commands }: Machine, program: string | null): Promise<string | null> => {
  const end = program ? await commands.run(program, ['--version'], ASK_MS) : undefined
  return /\d+(\.\d+)+/.exec(end?.out ?? '')?.[0] ?? null
}

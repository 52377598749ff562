/** Whoever knows an installer's answers judges them: before anything is made, and in the plan, which says who it was. */
import { checkAnswers } from '../../answer-file/index.ts'
import { RemoteError, type CreatePlan } from '../../contract/index.ts'
import type { Decided, Install } from './decide.ts'

/** Gives who looked at the answers; null where nobody could. Throws `internal` for what is wrong with them. */
export const mustBeGood = async ({ kind, answers }: Install, signal: AbortSignal): Promise<string | null> => {
  const { by, problems } = await checkAnswers(kind, answers.text, signal)
  if (problems.length === 0) return by
  const message = `The answer file is wrong, says ${by ?? 'nobody'}: ${problems.join('; ')}.`
  throw new RemoteError({ kind: 'internal', message })
}

export const withCheck = async (plan: CreatePlan, { install }: Decided, signal: AbortSignal): Promise<CreatePlan> =>
  install ? { ...plan, answersCheckedBy: await mustBeGood(install, signal) } : plan

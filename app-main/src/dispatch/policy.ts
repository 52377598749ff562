import type { AppError, Effect } from '../contract/index.ts'
import type { Principal } from '../service/context.ts'

/** Whether this caller may do this; null when it may. */
export const refusal = (principal: Principal, where: string, effect: Effect): AppError | null => {
  if (!principal.readOnly || effect === 'read') return null
  const why = effect === 'inspect' ? 'tells what is not for everybody' : 'changes something'
  return {
    kind: 'refused',
    message: `${where} ${why}, and ${principal.name} may only look.`,
    hint: 'Vireo was started read-only.',
  }
}

import type { Unfinished } from '@vireo/app-main/contract'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Banner, Button } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { text, useText } from './text.ts'
import { dispatch } from './wizard-store.ts'

const Half = ({ half }: { half: Unfinished }) => {
  const t = useText()
  const client = useClient()
  const { id, name, finishable } = half
  const finish = async (): Promise<void> => {
    try {
      const begun = await client.create.finish({ id })
      dispatch({ type: 'run', run: { name, begun, refusal: null } })
    } catch (thrown) {
      showFailure(text('finishHalfFailed'), appErrorOf(thrown))
    }
  }
  const discard = async (): Promise<void> => {
    try {
      await client.create.discard({ id })
    } catch (thrown) {
      showFailure(text('removeHalfFailed'), appErrorOf(thrown))
    }
  }
  return (
    <Banner
      tone="pause"
      title={t('unfinished', { name })}
      actions={
        <>
          {finishable ? (
            <Button small look="line" icon="play" hint={t('finishHalfNamed', { name })} onPress={() => void finish()}>
              {t('finishHalf')}
            </Button>
          ) : null}
          <Button small look="line" icon="trash" hint={t('removeHalfNamed', { name })} onPress={() => void discard()}>
            {t('removeHalf')}
          </Button>
        </>
      }
    />
  )
}

/** Machines that an ended Vireo left half-made: their names are taken until somebody removes what is left. */
export const UnfinishedList = ({ list }: { list: readonly Unfinished[] }) =>
  list.map(half => <Half key={half.id} half={half} />)

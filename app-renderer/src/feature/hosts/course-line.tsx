import type { Hypervisor } from '@vireo/app-main/contract'
import { useStores } from '../../store/hooks.ts'
import { Button, cx, Icon, Progress } from '../../ui/index.ts'
import { useText as useActionText } from '../host-action/text.ts'
import { errorWords } from './error-words.ts'
import s from './hosts.module.css'
import { useText } from './text.ts'
import { useCourse } from './use-action.ts'

/** What the newest action on a hypervisor does or did: under way, failed with its output, or done and to be taken back. */
export const CourseLine = ({ card }: { card: Hypervisor }) => {
  const { host } = useStores()
  const t = useText()
  const actionText = useActionText()
  const { log } = useCourse(card.type)
  if (!log) return null
  const { hypervisor, action, undo, state, error, undoable } = log
  const name = { action: actionText(action) }
  const watch = () => host.ask({ hypervisor, action, undo, watch: true })
  if (state === 'running')
    return (
      <div className={cx(s.course)} role="status">
        <div className={cx(s.courseWords)}>
          <b>{t(undo ? 'undoing' : 'running', name)}</b>
          <Progress label={t(undo ? 'undoing' : 'running', name)} share={null} />
        </div>
        <Button small look="line" onPress={watch}>
          {t('watch')}
        </Button>
      </div>
    )
  if (state === 'done')
    return (
      <div className={cx(s.course)} role="status">
        <Icon name="check" size={14} />
        <b className={cx(s.courseWords)}>{t(undo ? 'undone' : 'done', name)}</b>
        {undoable ? (
          <Button small look="line" onPress={() => host.ask({ hypervisor, action, undo: true })}>
            {t('undo')}
          </Button>
        ) : null}
        <Button small onPress={watch}>
          {t('showLog')}
        </Button>
      </div>
    )
  return (
    <div className={cx(s.course, state === 'failed' && s.courseFailed)} role="status">
      <Icon name="warn" size={14} />
      <div className={cx(s.courseWords, 'selectable')}>
        <b>{t(state === 'cancelled' ? 'actionCancelled' : undo ? 'undoFailed' : 'actionFailed', name)}</b>
        {error ? <bdi>{errorWords(error)}</bdi> : null}
      </div>
      <Button small look="line" onPress={watch}>
        {t('showLog')}
      </Button>
    </div>
  )
}

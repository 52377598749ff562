import type { AppError, Connection } from '@vireo/app-main/contract'
import { useFormat } from '../../i18n/format.ts'
import { useStores } from '../../store/hooks.ts'
import { appErrorOf } from '../../store/app-error.ts'
import { Button, CopyText, cx, Icon } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { removeConnection } from '../sidebar/connection-entries.ts'
import s from './notices.module.css'
import { usePlaceName } from './place.ts'
import { useText } from './text.ts'

const titleKey = (error: AppError | null) => {
  if (error?.kind === 'connection') return `title.${error.trouble}` as const
  if (error?.kind === 'permission') return 'title.no-permission' as const
  return 'title.other' as const
}

const fixOf = (error: AppError | null): readonly string[] =>
  error?.kind === 'connection' || error?.kind === 'permission' ? (error.fix ?? []) : []

/** Commands that would mend it: shown, copied, never run from here. */
export const Fix = ({ error }: { error: AppError | null }) => {
  const t = useText()
  const commands = fixOf(error)
  if (commands.length === 0) return null
  return (
    <div className={cx(s.fix)}>
      <span>{t(error?.kind === 'permission' ? 'runAndLogin' : 'run')}</span>
      {commands.map(command => (
        <CopyText key={command} value={command} block />
      ))}
    </div>
  )
}

/** Why a connection cannot be used, what to do about it, and the way to try again; several may share one trouble. */
export const ConnectionTrouble = ({ connections }: { connections: readonly Connection[] }) => {
  const stores = useStores()
  const { client } = stores
  const t = useText()
  const place = usePlaceName()
  const format = useFormat()
  const [first] = connections
  const error = first?.error ?? null
  const each = (title: string, work: (uri: Connection['uri']) => Promise<unknown>): void => {
    for (const { uri } of connections) work(uri).catch((thrown: unknown) => showFailure(title, appErrorOf(thrown)))
  }
  return (
    <article className={cx(s.card)}>
      <h3>
        <Icon name="warn" />
        {t(titleKey(error))}
        <span className={cx(s.uri)}>{format.list(connections.map(({ uri }) => place(uri)))}</span>
      </h3>
      <p className="selectable">
        <bdi>
          {error?.message} {error?.hint}
        </bdi>
      </p>
      <Fix error={error} />
      <div className={cx(s.foot)}>
        <Button look="solid" onPress={() => each(t('retry'), uri => client.connection.retry({ uri }))}>
          {t('retry')}
        </Button>
        {error?.kind === 'permission' ? (
          <Button look="line" icon="unlock" onPress={() => each(t('unlock'), uri => client.connection.unlock({ uri }))}>
            {t('unlock')}
          </Button>
        ) : null}
        {first && connections.length === 1 ? (
          <Button onPress={() => void removeConnection(stores, first)}>{t('remove')}</Button>
        ) : null}
      </div>
    </article>
  )
}

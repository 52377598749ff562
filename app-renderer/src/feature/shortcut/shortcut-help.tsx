import { useSettings, useStores } from '../../store/hooks.ts'
import { cx, Dialog, Kbd } from '../../ui/index.ts'
import { SHORTCUTS } from './shortcut.ts'
import s from './shortcut.module.css'
import { useText } from './text.ts'

interface Line {
  keys: readonly string[]
  does: string
}

const Group = ({ title, lines }: { title: string; lines: readonly Line[] }) => (
  <section>
    <h3 className={cx(s.title)}>{title}</h3>
    <dl className={cx(s.lines)}>
      {lines.map(line => (
        <div key={line.does}>
          <dt>{line.does}</dt>
          <dd>
            {line.keys.map(key => (
              <Kbd key={key}>{key}</Kbd>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  </section>
)

/** Every key of the window. */
export const ShortcutHelp = () => {
  const { ui } = useStores()
  const { releaseChord } = useSettings()
  const t = useText()
  return (
    <Dialog title={t('title')} size="m" onClose={() => ui.state.setState({ dialog: null })}>
      <Group title={t('window')} lines={SHORTCUTS.map(each => ({ keys: [each.label], does: t(each.id) }))} />
      <Group
        title={t('list')}
        lines={[
          { keys: ['↑', '↓'], does: t('move') },
          { keys: ['Home', 'End', 'PgUp', 'PgDn'], does: t('ends') },
          { keys: [t('letters')], does: t('type') },
          { keys: ['Enter'], does: t('open') },
          { keys: ['Space'], does: t('mark') },
          { keys: ['Shift ↑', 'Shift ↓'], does: t('extend') },
          { keys: ['Ctrl A'], does: t('all') },
          { keys: ['Shift F10'], does: t('menu') },
          { keys: ['Esc'], does: t('leave') },
        ]}
      />
      <Group title={t('console')} lines={[{ keys: [releaseChord.replaceAll('+', ' ')], does: t('release') }]} />
    </Dialog>
  )
}

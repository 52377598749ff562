import type { DomainDetail, DomainSummary } from '@vireo/app-main/contract'
import { useStores } from '../../store/hooks.ts'
import { Button, EmptyState } from '../../ui/index.ts'
import { SpiceScreen } from './spice-screen.tsx'
import { useText } from './text.ts'
import { VncScreen } from './vnc-screen.tsx'

interface ScreenPaneProps {
  domain: DomainSummary
  /** Null while it is not known: then the screen is tried. */
  detail: DomainDetail | null
  shown: boolean
}

/** The machine's screen, in the way its hypervisor offers one. */
export const ScreenPane = ({ domain, detail, shown }: ScreenPaneProps) => {
  const types = detail?.graphics.map(one => one.type)
  if (!types || types.includes('vnc')) return <VncScreen domain={domain} shown={shown} />
  return types.includes('spice') ? <SpiceScreen domain={domain} shown={shown} /> : <NoScreen />
}

const NoScreen = () => {
  const t = useText()
  const { ui } = useStores()
  return (
    <EmptyState
      icon="screen"
      title={t('noneTitle')}
      actions={
        <Button look="line" icon="term" onPress={() => ui.go({ tab: 'serial' })}>
          {t('openSerial')}
        </Button>
      }
    >
      <p>{t('noneBody')}</p>
    </EmptyState>
  )
}

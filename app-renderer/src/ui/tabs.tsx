import { type ReactNode, useState } from 'react'
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from 'react-aria-components/Tabs'
import { cx } from './cx.ts'
import s from './tabs.module.css'

interface TabsProps<Id extends string> {
  label: string
  tabs: readonly { id: Id; label: string }[]
  selected: Id
  onSelect: (id: Id) => void
  /** Content of a tab. One that was visited stays mounted, hidden, and keeps its state. */
  children: (id: Id) => ReactNode
  /** False when the content brings its own padding and scrolling (consoles). */
  padded?: boolean
}

export const Tabs = <Id extends string>({
  label,
  tabs,
  selected,
  onSelect,
  children,
  padded = true,
}: TabsProps<Id>) => {
  const [visited, setVisited] = useState<ReadonlySet<Id>>(new Set([selected]))
  if (!visited.has(selected)) setVisited(new Set([...visited, selected]))
  return (
    <AriaTabs className={cx(s.tabs)} selectedKey={selected} onSelectionChange={key => onSelect(key as Id)}>
      <TabList aria-label={label} className={cx(s.list)}>
        {tabs.map(tab => (
          <Tab key={tab.id} id={tab.id} className={cx(s.tab)}>
            {tab.label}
          </Tab>
        ))}
      </TabList>
      {tabs
        .filter(tab => visited.has(tab.id))
        .map(tab => (
          <TabPanel key={tab.id} id={tab.id} shouldForceMount className={cx(s.panel, padded && s.padded)}>
            {children(tab.id)}
          </TabPanel>
        ))}
    </AriaTabs>
  )
}

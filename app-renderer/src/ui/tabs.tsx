import { type ReactNode, useId, useState } from 'react'
import { Tab, TabList, Tabs as AriaTabs } from 'react-aria-components/Tabs'
import { cx } from './cx.ts'
import s from './tabs.module.css'

interface TabOf<Id extends string> {
  readonly id: Id
  readonly label: string
  /** Nothing in it takes the keyboard: then the panel itself does, so that it can be scrolled. */
  readonly bare?: boolean
}

interface TabsProps<Id extends string> {
  label: string
  tabs: readonly TabOf<Id>[]
  selected: Id
  onSelect: (id: Id) => void
  /** Content of a tab. One that was visited stays mounted, hidden, and keeps its state. */
  children: (id: Id) => ReactNode
  /** False when the content brings its own padding and scrolling (consoles). */
  padded?: boolean
}

/** The names by which a tab and its panel know each other; `group` is of this very row of tabs. */
const tabName = (group: string, id: string): string => `${group}${id}`
const panelName = (group: string, id: string): string => `${group}${id}-panel`

interface BarProps<Id extends string> extends Pick<TabsProps<Id>, 'label' | 'tabs' | 'selected' | 'onSelect'> {
  group: string
}

const Bar = <Id extends string>({ group, label, tabs, selected, onSelect }: BarProps<Id>) => (
  <AriaTabs className={cx(s.bar)} selectedKey={selected} onSelectionChange={key => onSelect(key as Id)}>
    <TabList aria-label={label} className={cx(s.list)}>
      {tabs.map(({ id, label: name }) => {
        const controls = id === selected ? { 'aria-controls': panelName(group, id) } : {}
        return (
          <Tab
            key={id}
            id={id}
            className={cx(s.tab)}
            render={props =>
              'href' in props ? <a {...props} /> : <div {...props} id={tabName(group, id)} {...controls} />
            }
          >
            {name}
          </Tab>
        )
      })}
    </TabList>
  </AriaTabs>
)

/**
 * The panels are plain elements: React Aria's look after every change in them whether something takes the keyboard, and
 * the browser would lay out twice in each frame of a flooded terminal.
 */
export const Tabs = <Id extends string>({ children, padded = true, ...bar }: TabsProps<Id>) => {
  const { tabs, selected } = bar
  const group = useId()
  const [visited, setVisited] = useState<ReadonlySet<Id>>(new Set([selected]))
  if (!visited.has(selected)) setVisited(new Set([...visited, selected]))
  return (
    <div className={cx(s.tabs)}>
      <Bar group={group} {...bar} />
      {tabs
        .filter(tab => visited.has(tab.id))
        .map(({ id, bare }) => (
          <div
            key={id}
            role="tabpanel"
            id={panelName(group, id)}
            aria-labelledby={tabName(group, id)}
            inert={id !== selected}
            {...(bare ? { tabIndex: 0 } : {})}
            className={cx(s.panel, padded && s.padded)}
          >
            {children(id)}
          </div>
        ))}
    </div>
  )
}

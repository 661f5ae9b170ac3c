// Draws a board in the browser with Grafana's own components and tells what they show.
//
// In:  `window.draw({board, panels, range, controls, annotations, size})` from draw.mjs: the board with
//      variables put in, and per panel id the answers of Prometheus.
// Out: the page; `window.draw` resolves to `{lines, notes, faults}`, texts that need no picture.
//
// From @grafana/data: frames, transformations, overrides, formatting, markdown. From @grafana/ui: panel
// chrome, stat, bar gauge, table, time series. Not in those packages, so drawn here: the grid, the
// controls, row titles, the state timeline and the annotations over a time series.
import {
  FieldColorModeId, FieldType, Registry, ThresholdsMode, applyFieldOverrides, booleanOverrideProcessor,
  cacheFieldDisplayNames, createTheme, dataLinksOverrideProcessor, dateTime, displayNameOverrideProcessor,
  formattedValueToString, getActiveThreshold, getDisplayValueAlignmentFactors, getFieldDisplayName,
  getFieldDisplayValues, getFieldSeriesColor, identityOverrideProcessor, numberOverrideProcessor, rangeUtil,
  renderMarkdown, standardTransformers, standardTransformersRegistry, stringOverrideProcessor,
  thresholdsOverrideProcessor, toDataFrame, transformDataFrame, unitOverrideProcessor,
  valueMappingsOverrideProcessor,
} from '@grafana/data';
import { BarGauge, BigValue, GlobalStyles, Icon, PanelChrome, TimeSeries, VizLegend, VizRepeater } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { createRoot } from 'react-dom/client';
import { lastValueFrom } from 'rxjs';

const CELL = 30;
const GAP = 8;
const EDGE = 16;
const theme = createTheme({ colors: { mode: 'dark' } });

standardTransformersRegistry.setInit(() => {
  const known = new Map(Object.values(standardTransformers).map((t) => [t.id, t]));
  return [...known.values()].map((t) => ({ id: t.id, name: t.name, transformation: t, editor: () => null }));
});

/* What the panels assume where a board says nothing (public/app/plugins/panel/<type>/module.tsx). */
const PALETTE = { mode: FieldColorModeId.PaletteClassic };
const PANEL_DEFAULTS = {
  timeseries: {
    color: PALETTE,
    custom: {
      drawStyle: 'line', lineInterpolation: 'linear', lineWidth: 1, fillOpacity: 0, pointSize: 5, showPoints: 'auto',
      gradientMode: 'none', spanNulls: false, axisPlacement: 'auto', axisGridShow: true,
    },
  },
  'state-timeline': { color: { mode: FieldColorModeId.ContinuousGrYlRd }, custom: { fillOpacity: 70, lineWidth: 0 } },
};
const THRESHOLDS = { mode: ThresholdsMode.Absolute, steps: [{ color: 'green', value: null }, { color: 'red', value: 80 }] };

// ---- from answers to frames -------------------------------------------------------------------

/** Frames as Grafana's Prometheus data source makes them (packages/grafana-prometheus result_transformer.ts). */
function framesOf(answers) {
  const tables = answers.filter(({ target }) => target.format === 'table').length;
  return answers.flatMap(({ target, query, step, data }) => {
    if (!data) return [];
    const series = seriesOf(data, query);
    if (target.format === 'table') {
      return series.length ? [tableOf(series, target, tables > 1 ? `Value #${target.refId}` : 'Value')] : [];
    }
    return series.map(({ labels, samples }) => {
      const { __name__, ...shown } = labels;
      const name = legend(target.legendFormat, labels, query);
      return toDataFrame({
        refId: target.refId,
        name,
        fields: [
          { name: 'Time', type: FieldType.time, values: samples.map(([time]) => time * 1000), config: { interval: step * 1000 } },
          { name: 'Value', type: FieldType.number, values: samples.map(([, value]) => number(value)), labels: shown, config: name ? { displayNameFromDS: name } : {} },
        ],
      });
    });
  });
}

function seriesOf({ resultType, result }) {
  if (resultType === 'scalar') return [{ labels: {}, samples: [result] }];
  return result.map(({ metric, values, value }) => ({ labels: metric, samples: values ?? [value] }));
}

function tableOf(series, target, valueName) {
  const rows = series.flatMap(({ labels, samples }) => samples.map(([time, value]) => ({ labels, time, value })));
  const names = [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))].sort();
  return toDataFrame({
    refId: target.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: rows.map(({ time }) => time * 1000), config: {} },
      ...names.map((name) => ({ name, type: FieldType.string, values: rows.map(({ labels }) => labels[name] ?? ''), config: { filterable: true } })),
      { name: valueName, type: FieldType.number, values: rows.map(({ value }) => number(value)), config: {} },
    ],
  });
}

const number = (text) => ({ '+Inf': Infinity, '-Inf': -Infinity, NaN })[text] ?? Number(text);

function legend(format, labels, query) {
  const { __name__: metric, ...rest } = labels;
  if (format === '__auto') return Object.keys(rest).length ? undefined : metric ?? query;
  if (format) return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, label) => labels[label] ?? '');
  const pairs = Object.entries(rest).map(([name, value]) => `${name}="${value}"`);
  return pairs.length || metric ? `${metric ?? ''}{${pairs.join(', ')}}` : query;
}

/** A registry of the settings that a panel uses: Grafana's own is part of the server's pages. */
function settings(fieldConfig) {
  const standard = {
    unit: unitOverrideProcessor, decimals: numberOverrideProcessor, min: numberOverrideProcessor, max: numberOverrideProcessor,
    displayName: displayNameOverrideProcessor, noValue: stringOverrideProcessor, description: stringOverrideProcessor,
    links: dataLinksOverrideProcessor, mappings: valueMappingsOverrideProcessor, thresholds: thresholdsOverrideProcessor,
    filterable: booleanOverrideProcessor, color: identityOverrideProcessor, fieldMinMax: booleanOverrideProcessor,
  };
  const custom = new Set([
    ...Object.keys(fieldConfig.defaults.custom ?? {}),
    ...fieldConfig.overrides.flatMap(({ properties }) => properties.map(({ id }) => id)).filter((id) => id.startsWith('custom.')).map((id) => id.slice(7)),
  ]);
  // Defaults of these are for values, not for the time beside them.
  const ofValues = new Set(['decimals', 'min', 'max', 'thresholds', 'custom.axisLabel']);
  const entry = (id, path, isCustom, process) => ({
    id, path, name: id, isCustom, process, settings: {}, override: () => null, editor: () => null,
    shouldApply: ({ type }) => type === FieldType.number || !ofValues.has(id),
  });
  return new Registry(() => [
    ...Object.entries(standard).map(([id, process]) => entry(id, id, false, process)),
    ...[...custom].map((path) => entry(`custom.${path}`, path, true, (value) => value)),
  ]);
}

/** Transformations and field settings applied, as a panel's own code would find them. */
async function dataOf(panel, answers) {
  const defaults = PANEL_DEFAULTS[panel.type] ?? {};
  const own = structuredClone(panel.fieldConfig ?? { defaults: {}, overrides: [] });
  const fieldConfig = { defaults: { ...defaults, ...own.defaults, custom: { ...defaults.custom, ...own.defaults.custom } }, overrides: own.overrides ?? [] };
  fieldConfig.defaults.thresholds ??= structuredClone(THRESHOLDS);
  fieldConfig.defaults.color ??= { mode: FieldColorModeId.Thresholds };
  for (const thresholds of [fieldConfig.defaults.thresholds, ...fieldConfig.overrides.flatMap(({ properties }) => properties.filter(({ id }) => id === 'thresholds').map(({ value }) => value))]) {
    thresholds.steps[0].value = -Infinity; // null in JSON
  }
  const frames = await lastValueFrom(transformDataFrame(panel.transformations ?? [], framesOf(answers)));
  const data = applyFieldOverrides({ data: frames, fieldConfig, replaceVariables, theme, timeZone: 'utc', fieldConfigRegistry: settings(fieldConfig) });
  cacheFieldDisplayNames(data);
  return { data, fieldConfig };
}

/** Variables of data, as links use them: `${__data.fields.SLO}`. All others were put in before. */
function replaceVariables(text, scoped = {}) {
  const { frame, field, rowIndex, calculatedValue } = scoped.__dataContext?.value ?? {};
  const answer = (path) => {
    const [, dotted, quoted] = /^__data\.fields(?:\.(\w+)|\[["']?([^\]"']+)["']?\])$/.exec(path) ?? [];
    const column = frame?.fields.find((f) => [f.name, getFieldDisplayName(f, frame)].includes(dotted ?? quoted)) ?? frame?.fields[quoted];
    if (column && rowIndex !== undefined) return column.values[rowIndex];
    if (path === '__field.name' && field) return getFieldDisplayName(field, frame);
    if (path === '__series.name' && frame) return frame.name;
    if (path.startsWith('__field.labels.')) return field?.labels?.[path.slice('__field.labels.'.length)];
    if (path.startsWith('__value.') && field) return calculatedValue?.numeric ?? field.values[rowIndex ?? 0];
    if (path === '__url_time_range') return `from=${shownTime.from}&to=${shownTime.to}`;
    return undefined;
  };
  return text.replace(/\$\{(__[^:}]+)(?::(\w+))?\}|\$(__url_time_range)/g, (whole, path, format, bare) => {
    const value = answer(path ?? bare);
    if (value === undefined) return whole;
    return format === 'percentencode' || format === 'queryparam' ? encodeURIComponent(value) : String(value);
  });
}

let shownTime = { from: 'now-6h', to: 'now' };

// ---- panels -------------------------------------------------------------------------------------

const shown = (field, value) => formattedValueToString(field.display(value));

function Stat({ panel, data, fieldConfig, width, height, range }) {
  const { options } = panel;
  const getValues = () => getFieldDisplayValues({
    fieldConfig, reduceOptions: options.reduceOptions, data, theme, replaceVariables, timeZone: 'utc',
    sparkline: options.graphMode !== 'none', percentChange: options.showPercentChange,
  });
  const named = options.textMode === 'auto' && (fieldConfig.defaults.displayName || !panel.title);
  const render = ({ value, alignmentFactors, width: w, height: h, orientation, count }) => {
    if (value.sparkline) value.sparkline.timeRange = timeRange(range);
    return (
      <BigValue
        value={value.display} count={count} sparkline={value.sparkline} colorMode={options.colorMode} graphMode={options.graphMode}
        justifyMode={options.justifyMode} textMode={named ? 'value_and_name' : options.textMode} alignmentFactors={alignmentFactors}
        parentOrientation={orientation} text={options.text} width={w} height={h} theme={theme} disableWideLayout={!options.wideLayout}
        percentChangeColorMode={options.percentChangeColorMode}
      />
    );
  };
  return (
    <VizRepeater
      getValues={getValues} getAlignmentFactors={getDisplayValueAlignmentFactors} renderValue={render} width={width} height={height}
      source={data} itemSpacing={3} renderCounter={0} autoGrid orientation={options.orientation}
    />
  );
}

function Bars({ panel, data, fieldConfig, width, height }) {
  const { options } = panel;
  const auto = options.sizing !== 'manual';
  const getValues = () => getFieldDisplayValues({ fieldConfig, reduceOptions: options.reduceOptions, data, theme, replaceVariables, timeZone: 'utc' });
  const render = ({ value, alignmentFactors, orientation, width: w, height: h, count }) => (
    <BarGauge
      value={count === 1 && !fieldConfig.defaults.displayName ? { ...value.display, title: undefined } : value.display}
      width={w} height={h} orientation={orientation} field={value.field} display={value.view?.getFieldDisplayProcessor(value.colIndex)}
      theme={theme} itemSpacing={options.displayMode === 'lcd' ? 2 : 10} lcdCellWidth={12} displayMode={options.displayMode}
      namePlacement={options.namePlacement} alignmentFactors={alignmentFactors} showUnfilled={options.showUnfilled} valueDisplayMode={options.valueMode}
    />
  );
  return (
    <VizRepeater
      getValues={getValues} getAlignmentFactors={getDisplayValueAlignmentFactors} renderValue={render} width={width} height={height} source={data}
      itemSpacing={10} renderCounter={0} orientation={options.orientation}
      minVizWidth={auto ? 8 : options.minVizWidth} minVizHeight={auto ? 16 : options.minVizHeight} maxVizHeight={auto ? 300 : options.maxVizHeight}
    />
  );
}

function Table({ panel, data, fieldConfig, width, height }) {
  const { options } = panel;
  return (
    <TableNG
      data={data[options.frameIndex ?? 0]} width={width} height={height} noHeader={!options.showHeader} showTypeIcons={options.showTypeIcons} resizable
      initialSortBy={options.sortBy} cellHeight={options.cellHeight} enablePagination={options.enablePagination} fieldConfig={fieldConfig}
      frozenColumns={options.frozenColumns?.left} getActions={() => []} structureRev={1} disableKeyboardEvents
    />
  );
}

/** Only what can be drawn, as the panel's own code prepares it (core, `prepareGraphableFields`). */
function graphable(data) {
  const frames = data.filter((frame) => frame.fields.some((f) => f.type === FieldType.time) && frame.fields.some((f) => f.type === FieldType.number));
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => (field.type === FieldType.number
      ? { ...field, values: field.values.map((value) => (Number.isFinite(value) ? value : null)) } : field)),
  }));
}

function Lines({ panel, data, width, height, range, annotations }) {
  const frames = graphable(data);
  const draw = (config) => {
    if (!config.annotated) {
      config.annotated = true;
      config.addHook('draw', (plot) => annotations.forEach((annotation) => drawAnnotation(plot, annotation)));
    }
    return null;
  };
  return (
    <TimeSeries
      frames={frames} structureRev={1} timeRange={timeRange(range)} timeZone="utc" width={width} height={height}
      legend={panel.options.legend} options={panel.options}
    >
      {draw}
    </TimeSeries>
  );
}

/** A region as Grafana marks it: tinted, with dashed edges and a bar below. */
function drawAnnotation({ ctx, bbox, valToPos }, { color, from, to }) {
  const [left, right] = [from, to].map((time) => Math.min(Math.max(valToPos(time * 1000, 'x', true), bbox.left), bbox.left + bbox.width));
  if (to * 1000 < 0 || right < bbox.left || left > bbox.left + bbox.width) return;
  ctx.save();
  ctx.fillStyle = ctx.strokeStyle = theme.visualization.getColorByName(color);
  ctx.globalAlpha = 0.1;
  ctx.fillRect(left, bbox.top, right - left, bbox.height);
  ctx.globalAlpha = 1;
  ctx.fillRect(left, bbox.top + bbox.height, Math.max(right - left, 2), 5);
  ctx.setLineDash([5, 5]);
  for (const x of new Set([left, right])) {
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/** The stretches of a field in which its value stays the same; a missing sample ends one. */
function stretches(frame, field, range) {
  const times = frame.fields.find((f) => f.type === FieldType.time);
  const step = times.config.interval ?? 60000;
  const list = [];
  times.values.forEach((time, at) => {
    const value = field.values[at];
    const last = list.at(-1);
    if (value === null || value === undefined) return;
    const until = Math.min(time + step, range.to * 1000);
    if (last && last.value === value && time - last.until <= step * 0.1) last.until = until;
    else list.push({ value, from: time, until });
  });
  return list;
}

function States({ panel, data, width, height, range }) {
  const { options, fieldConfig } = panel;
  const rows = data.flatMap((frame) => frame.fields.filter((f) => f.type !== FieldType.time).map((field) => ({ frame, field })));
  const names = rows.map(({ field, frame }) => getFieldDisplayName(field, frame, data));
  const items = (fieldConfig.defaults.mappings ?? []).flatMap(({ type, options: map }) => (type === 'value' ? Object.values(map) : [map.result]))
    .map(({ text, color }) => ({ label: text, color: theme.visualization.getColorByName(color), yAxis: 1 }));
  const showLegend = options.legend.showLegend && items.length > 0;
  const axis = 24;
  const lane = (height - axis - (showLegend ? 32 : 0)) / rows.length;
  const left = Math.min(width / 3, Math.max(...names.map(measure)) + 12);
  const [from, to] = [range.from * 1000, range.to * 1000];
  const x = (time) => left + ((time - from) / (to - from)) * (width - left);
  const opacity = (fieldConfig.defaults.custom?.fillOpacity ?? 70) / 100;
  const ticks = timeTicks(from, to, (width - left) / 90);
  return (
    <div style={{ position: 'relative', width, height }}>
      {ticks.map(({ time, text }) => (
        <div key={time} style={{ position: 'absolute', left: x(time), top: 0, height: lane * rows.length + 4, borderLeft: `1px solid ${theme.colors.border.weak}` }}>
          <span style={{ position: 'absolute', top: lane * rows.length + 6, transform: 'translateX(-50%)', whiteSpace: 'nowrap', fontSize: 12 }}>{text}</span>
        </div>
      ))}
      {rows.map(({ frame, field }, at) => (
        <div key={names[at]}>
          <div className="state-name" title={names[at]} style={{ position: 'absolute', top: at * lane, height: lane, width: left - 8, lineHeight: `${lane}px`, fontSize: 12, textAlign: 'right', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{names[at]}</div>
          {stretches(frame, field, range).map(({ value, from: start, until }) => {
            const { text, color } = field.display(value);
            const room = x(until) - x(start);
            const label = options.showValue === 'never' || (options.showValue === 'auto' && measure(text) + 8 > room) ? '' : text;
            return (
              <div key={start} style={{
                position: 'absolute', left: x(start), width: Math.max(room, 1), top: at * lane + (lane * (1 - options.rowHeight)) / 2, height: lane * options.rowHeight,
                background: theme.visualization.getColorByName(color), opacity, fontSize: 12, lineHeight: `${lane * options.rowHeight}px`, paddingLeft: label && 4,
                color: theme.colors.getContrastText(color), overflow: 'hidden', textAlign: options.alignValue,
              }}>{label}</div>
            );
          })}
        </div>
      ))}
      {showLegend && <div style={{ position: 'absolute', bottom: 0, left: 0, width }}><VizLegend placement="bottom" displayMode="list" items={items} /></div>}
    </div>
  );
}

/** Places for about `count` times on an axis, with texts as Grafana writes them in UTC. */
function timeTicks(from, to, count) {
  const hour = 3600000;
  const step = [hour / 4, hour / 2, hour, 3 * hour, 6 * hour, 12 * hour, 24 * hour, 48 * hour, 96 * hour, 168 * hour].find((s) => (to - from) / s <= count) ?? 336 * hour;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, at) => first + at * step)
    .filter((time) => time < to - step / 4)
    .map((time) => ({ time, text: dateTime(time).utc().format(step < 24 * hour ? ((to - from) > 24 * hour ? 'MM/DD HH:mm' : 'HH:mm') : 'MM/DD') }));
}

const ruler = document.createElement('canvas').getContext('2d');
function measure(text) {
  ruler.font = `12px ${theme.typography.fontFamily}`;
  return ruler.measureText(text).width;
}

const timeRange = ({ from, to }) => {
  const raw = { from: dateTime(from * 1000), to: dateTime(to * 1000) };
  return { ...raw, raw };
};

const DRAWN = { stat: Stat, bargauge: Bars, table: Table, timeseries: Lines, 'state-timeline': States };

function Content({ view, width, height }) {
  const { panel, data } = view;
  if (panel.type === 'text') {
    return <div className="markdown-html" style={{ height, overflow: 'auto' }} dangerouslySetInnerHTML={{ __html: renderMarkdown(panel.options.content) }} />;
  }
  if (view.empty && !(panel.type === 'stat' || panel.type === 'bargauge')) {
    return <div style={{ height, display: 'flex', alignItems: 'center', justifyContent: 'center', color: theme.colors.text.secondary }}>{view.noValue ?? 'No data'}</div>;
  }
  const Drawn = DRAWN[panel.type];
  return Drawn ? <Drawn {...view} data={data} width={width} height={height} /> : <i>{`${panel.type} is not drawn`}</i>;
}

// ---- the board ----------------------------------------------------------------------------------

function Board({ board, views, controls, width }) {
  const column = (width - 2 * EDGE + GAP) / 24;
  const place = ({ x, y, w, h }) => ({
    left: EDGE + x * column, top: y * (CELL + GAP), width: w * column - GAP, height: h * (CELL + GAP) - GAP,
  });
  const bottom = Math.max(...views.map(({ panel: { gridPos: { y, h } } }) => y + h));
  const chip = { display: 'flex', height: 32, border: `1px solid ${theme.colors.border.medium}`, borderRadius: 2, fontSize: 14 };
  const part = { padding: '0 8px', lineHeight: '30px', whiteSpace: 'nowrap' };
  return (
    <div style={{ background: theme.colors.background.canvas, color: theme.colors.text.primary, width, overflow: 'hidden' }}>
      <div style={{ display: 'flex', alignItems: 'center', gap: 12, padding: `12px ${EDGE}px 0` }}>
        <div style={{ fontSize: 16, fontWeight: 500, flexGrow: 1 }}>{board.title}</div>
        {(board.links ?? []).map((link) => <div key={link.title} style={chip}><span style={part}>{link.title}</span></div>)}
        <div style={chip}><span style={part}><Icon name="clock-nine" /> {`${rangeUtil.describeTimeRange({ raw: board.time, ...board.time })} UTC`}</span></div>
      </div>
      <div style={{ display: 'flex', gap: 12, padding: `10px ${EDGE}px 12px` }}>
        {controls.variables.map(({ label, value }) => (
          <div key={label} style={chip}>
            <span style={{ ...part, background: theme.colors.background.secondary, fontWeight: 500, fontSize: 12 }}>{label}</span>
            <span style={part}>{value} <Icon name="angle-down" /></span>
          </div>
        ))}
      </div>
      <div style={{ position: 'relative', height: bottom * (CELL + GAP) + EDGE }}>
        {views.map((view) => {
          const { panel } = view;
          const { left, top, width: w, height: h } = place(panel.gridPos);
          return (
            <div key={panel.id} id={`panel-${panel.id}`} style={{ position: 'absolute', left, top, width: w, height: h }}>
              {panel.type === 'row' ? <RowTitle panel={panel} /> : (
                <PanelChrome
                  width={w} height={h} title={panel.title} description={panel.description} menu={() => <div />}
                  displayMode={panel.transparent ? 'transparent' : 'default'} padding={['table'].includes(panel.type) ? 'none' : 'md'}
                  titleItems={panel.timeFrom && !panel.hideTimeOverride ? <OwnTime text={panel.timeFrom} /> : undefined}
                >
                  {(innerWidth, innerHeight) => <Content view={view} width={innerWidth} height={innerHeight} />}
                </PanelChrome>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** The note beside a title that the panel has its own range of time. */
function OwnTime({ text }) {
  return (
    <span style={{ display: 'flex', alignItems: 'center', gap: 4, fontSize: 12, whiteSpace: 'nowrap', color: theme.colors.text.secondary }}>
      <Icon name="clock-nine" size="sm" />
      {rangeUtil.describeTextRange(text).display}
    </span>
  );
}

function RowTitle({ panel }) {
  return (
    <div style={{ height: CELL, display: 'flex', alignItems: 'center', gap: 8, fontSize: 14, fontWeight: 500, borderBottom: panel.collapsed ? `1px solid ${theme.colors.border.weak}` : 'none' }}>
      <Icon name={panel.collapsed ? 'angle-right' : 'angle-down'} />
      {panel.title}
      {panel.collapsed && <span style={{ color: theme.colors.text.secondary, fontWeight: 400 }}>{`(${panel.panels.length} ${panel.panels.length === 1 ? 'panel' : 'panels'})`}</span>}
    </div>
  );
}

// ---- what is told -------------------------------------------------------------------------------

/** What a panel shows, as text. */
function tell({ panel, data, fieldConfig, range, empty, noValue }) {
  if (panel.type === 'row') return panel.collapsed ? [`closed, ${panel.panels.length} panels`] : [''];
  if (panel.type === 'text') return [`${panel.options.content.split('\n').length} lines`];
  if (empty) return [`no series${noValue ? `, shows "${noValue}"` : ''}`];
  if (panel.type === 'stat' || panel.type === 'bargauge') {
    const values = getFieldDisplayValues({ fieldConfig, reduceOptions: panel.options.reduceOptions, data, theme, replaceVariables, timeZone: 'utc' });
    const unnamed = values.length === 1 && panel.options.textMode !== 'value_and_name';
    return [values.map(({ display, getLinks }) => {
      const [link] = getLinks?.() ?? [];
      return `${unnamed ? 'Value' : display.title}=${formattedValueToString(display)}${link ? ` -> ${link.href}` : ''}`;
    }).join(', ')];
  }
  if (panel.type === 'table') {
    const frame = data[panel.options.frameIndex ?? 0];
    const fields = frame.fields.filter((field) => !field.config.custom?.hideFrom?.viz);
    return Array.from({ length: frame.length }, (_, row) => fields.map((field) => {
      const [link] = field.getLinks?.({ valueRowIndex: row }) ?? [];
      return `${getFieldDisplayName(field, frame, data)}=${shown(field, field.values[row])}${link && row === 0 ? ` -> ${link.href}` : ''}`;
    }).join(', '));
  }
  return [data.flatMap((frame) => frame.fields.filter((f) => f.type === FieldType.number).map((field) => {
    const name = getFieldDisplayName(field, frame, data);
    if (panel.type !== 'state-timeline') return `${name}=${shown(field, field.values.at(-1))}`;
    return `${name}=${stretches(frame, field, range).map(({ value }) => shown(field, value)).join(' ')}`;
  })).join(', ')];
}

/** Series that are there but cannot be seen: every colour that the line takes is transparent, or some is. */
function invisible({ panel, data }) {
  if (panel.type !== 'timeseries') return [];
  const seen = (name) => !/^(transparent|#\w{6}00|rgba\(.*,\s*0\))$/i.test(theme.visualization.getColorByName(name));
  return graphable(data).flatMap((frame) => frame.fields.filter((f) => f.type === FieldType.number).flatMap((field) => {
    const name = getFieldDisplayName(field, frame, data);
    const { color, custom = {}, thresholds } = field.config;
    const values = field.values.filter((value) => value !== null);
    if (!values.length) return [`line \`${name}\` has no values`];
    if (custom.drawStyle === 'line' && custom.lineWidth === 0 && !custom.fillOpacity) return [`line \`${name}\` has no width`];
    const byValue = color?.mode === FieldColorModeId.Thresholds && custom.gradientMode === 'scheme';
    const colors = byValue ? values.map((value) => getActiveThreshold(value, thresholds.steps).color) : [getFieldSeriesColor(field, theme).color];
    const hidden = colors.filter((name_) => !seen(name_)).length;
    return hidden ? [`line \`${name}\` is transparent${hidden < colors.length ? ` for ${hidden} of ${colors.length} values` : ''}`] : [];
  }));
}

/** Texts that do not fit where Grafana puts them. */
function cut(view) {
  const element = document.getElementById(`panel-${view.panel.id}`);
  const wider = (node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0;
  const faults = [];
  for (const title of element.querySelectorAll('h2')) if (wider(title)) faults.push(`title is cut: ${title.textContent}`);
  for (const name of element.querySelectorAll('.state-name')) if (wider(name)) faults.push(`name is cut: ${name.textContent}`);
  if (view.panel.type === 'bargauge' || view.panel.type === 'stat') {
    for (const node of element.querySelectorAll('section div')) {
      if (node.children.length === 0 && getComputedStyle(node).textOverflow === 'ellipsis' && wider(node)) faults.push(`name is cut: ${node.textContent}`);
    }
  }
  if (view.panel.type === 'table') {
    const grid = element.querySelector('[role=grid]');
    if (grid && wider(grid)) faults.push(`columns do not fit: ${grid.scrollWidth} px in ${grid.clientWidth}`);
    for (const head of element.querySelectorAll('[role=columnheader]')) {
      if ([head, ...head.querySelectorAll('*')].some((node) => getComputedStyle(node).textOverflow === 'ellipsis' && wider(node))) faults.push(`column title is cut: ${head.textContent}`);
    }
  }
  return faults;
}

/** Whether anything but the grid was painted into a time series. */
function painted({ panel, data: frames, empty }) {
  const canvas = document.querySelector(`#panel-${panel.id} .u-wrap canvas`);
  if (panel.type !== 'timeseries' || empty) return [];
  // Bars of nothing have no height.
  const numbers = graphable(frames).flatMap((frame) => frame.fields.filter((f) => f.type === FieldType.number));
  const flat = numbers.every(({ config, values }) => config.custom?.drawStyle === 'bars' && values.every((value) => !value));
  if (flat) return [];
  if (!canvas) return ['nothing is drawn'];
  const over = document.querySelector(`#panel-${panel.id} .u-over`);
  const scale = canvas.width / canvas.clientWidth;
  const { data } = canvas.getContext('2d').getImageData(over.offsetLeft * scale, over.offsetTop * scale, over.clientWidth * scale, over.clientHeight * scale);
  let pixels = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 100) pixels += 1;
  return pixels < 50 ? ['nothing but the grid is painted'] : [];
}

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

window.draw = async ({ board, panels, range, controls, annotations, width }) => {
  shownTime = board.time;
  const look = async (panel) => {
    const { range: own = range, answers = [] } = panels[panel.id] ?? {};
    const { data, fieldConfig } = panel.type in DRAWN ? await dataOf(panel, answers) : { data: [], fieldConfig: {} };
    const empty = panel.type in DRAWN && !data.some((frame) => frame.length > 0 && frame.fields.length > 0);
    const errors = answers.flatMap(({ error, query }) => [
      ...error ? [`query fails: ${error}: ${query}`] : [],
      ...(/\$\{?[a-z_]/i.test(query) ? [`a variable is left in a query: ${query}`] : []),
    ]);
    const silent = answers.filter(({ data: answer }) => answer?.result.length === 0).map(({ target }) => target.refId);
    return { panel, range: own, data, fieldConfig, empty, errors, silent, annotations, noValue: panel.fieldConfig?.defaults?.noValue };
  };
  const views = await Promise.all(board.panels.map(look));
  const inside = await Promise.all(board.panels.flatMap(({ panels: closed }) => closed ?? []).map(look));
  const root = createRoot(document.getElementById('root'));
  // First the styles alone: texts are measured as they are drawn, so the fonts must be there.
  root.render(<GlobalStyles />);
  await pause(100);
  await Promise.all(['400 12px Inter', '500 12px Inter', '400 12px "Roboto Mono"'].map((font) => document.fonts.load(font)));
  root.render(<><GlobalStyles /><Board board={board} views={views} controls={controls} width={width} /></>);
  await pause(1500);

  const lines = (board.links ?? []).map(({ title, url }) => `link | ${title} | ${url ?? ''}`);
  const faults = lines.filter((line) => /\$\{?[a-z_]/i.test(line)).map((line) => `${line} | a variable is left`);
  const notes = [];
  for (const view of [...views, ...inside]) {
    const { panel } = view;
    const drawn = views.includes(view);
    const name = `${panel.id} ${panel.type} | ${panel.title ?? ''}`;
    const told = tell(view);
    told.forEach((text) => lines.push(text ? `${name} | ${text}` : name));
    const found = [...view.errors, ...invisible(view), ...drawn ? [...cut(view), ...painted(view)] : []];
    if (view.empty && view.noValue === undefined) found.push('no data, and no `noValue` to say so');
    if (panel.type !== 'row' && panel.type !== 'text' && !(panel.type in DRAWN)) found.push('this type is not drawn');
    if (/\$\{?[a-z_]/i.test(panel.title ?? '')) found.push('a variable is left in the title');
    if (told.some((text) => text.includes('${'))) found.push('a variable is left in a link: no column has its name');
    if (told.some((text) => /=NaN\b/.test(text))) found.push('NaN is shown');
    faults.push(...found.map((text) => `${name} | ${text}`));
    notes.push(...view.silent.map((refId) => `${name} | query ${refId} answers nothing`));
  }
  return { lines, notes, faults };
};

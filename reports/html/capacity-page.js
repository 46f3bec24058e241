/**
 * The script of a sweep's report: draws the curves that `capacity/charts.ts`
 * described, users along the bottom. It runs in the browser, from inside the
 * page, with `echarts` loaded before it and the description in
 * `<script id="chart-data">`. Colours come from the style sheet. Without this
 * script the page has all its tables.
 */
(() => {
  const page = JSON.parse(document.getElementById('chart-data').textContent);
  if (page.charts.length === 0) return;
  const root = document.documentElement;
  root.dataset.charts = 'drawing';
  const PAPER_WIDTH_PX = 690; // A4 at 96 px an inch, less the margins of the style sheet.

  const NARROW_BLANK = '\u202f';
  const group = (value) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, NARROW_BLANK);
  const short = (value, unit) => `${Number(value.toPrecision(3))}${NARROW_BLANK}${unit}`;
  const formats = {
    share: (value) => `${Number((Math.floor(value * 1e5) / 1e3).toFixed(3))}${NARROW_BLANK}%`,
    cores: (value) => String(Number(value.toFixed(2))),
    milliseconds: (value) => (value < 1000 ? short(value, 'ms') : short(value / 1000, 's')),
    bytes: (value) =>
      value < 2 ** 30 ? short(value / 2 ** 20, 'MiB') : short(value / 2 ** 30, 'GiB'),
  };
  const colour = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();

  /** From under the lowest share, so that a knee of a tenth of a percent can be seen. */
  const lowestShare = (chart) => {
    const values = chart.lines.flatMap(({ points }) => points.map(({ value }) => value));
    const lowest = Math.min(...values, ...chart.limits.map(({ value }) => value));
    return Math.max(0, 1 - 1.25 * (1 - lowest));
  };

  /** Bytes are round in powers of two. */
  const bytesAxis = (chart) => {
    const values = chart.lines.flatMap(({ points }) => points.map(({ value }) => value));
    const interval = 2 ** Math.ceil(Math.log2(Math.max(1, ...values) / 5));
    return { interval, max: interval * Math.ceil(Math.max(1, ...values) / interval) };
  };

  const optionOf = (chart) => {
    const text = { color: colour('muted'), fontFamily: 'inherit', fontSize: 11 };
    const format = formats[chart.unit];
    const limits = chart.limits.map(({ label, value }) => ({
      yAxis: value,
      label: { formatter: `${label} ${format(value)}` },
    }));
    const largest = { xAxis: page.users, label: { formatter: '', show: false } };
    const held = page.users > 0 ? [largest] : [];
    const marks = [...limits, ...held];
    const series = chart.lines.map((line, index) => {
      const tint = colour(`line-${line.colour}`);
      return {
        type: 'line',
        name: line.name,
        color: tint,
        lineStyle: { width: 1.5 },
        symbol: 'circle',
        symbolSize: 6,
        data: line.points.map(({ users, value, held: isHeld }) => ({
          value: [users, value],
          itemStyle: {
            color: isHeld ? tint : colour('paper'),
            borderColor: tint,
            borderWidth: 1.5,
          },
        })),
        ...(index === 0 && {
          markLine: {
            silent: true,
            symbol: 'none',
            lineStyle: { color: colour('muted'), type: [4, 4], width: 1 },
            label: { ...text, position: 'insideStartTop' },
            data: marks,
          },
        }),
      };
    });
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 64, right: 16, top: 20, bottom: 22 },
      tooltip: {
        trigger: 'axis',
        valueFormatter: format,
        axisPointer: { lineStyle: { color: colour('muted') }, label: { formatter: '' } },
        backgroundColor: colour('paper'),
        textStyle: { color: colour('ink'), fontSize: 12 },
      },
      xAxis: {
        type: 'value',
        min: 0,
        axisLine: { lineStyle: { color: colour('rule-strong') } },
        axisTick: { lineStyle: { color: colour('rule-strong') } },
        axisLabel: { ...text, formatter: group, hideOverlap: true },
        splitLine: { show: false },
      },
      yAxis: {
        type: chart.scale === 'log' ? 'log' : 'value',
        min: chart.scale === 'log' ? 1 : chart.unit === 'share' ? lowestShare(chart) : 0,
        ...(chart.unit === 'share' && { max: 1 }),
        ...(chart.unit === 'bytes' && bytesAxis(chart)),
        splitNumber: 4,
        axisLabel: { ...text, formatter: format },
        splitLine: { lineStyle: { color: colour('rule') } },
      },
      series,
    };
  };

  const drawn = page.charts.map((chart) => {
    const element = document.getElementById(`chart-${chart.id}`);
    return { chart, element, instance: echarts.init(element, null, { renderer: 'svg' }) };
  });
  const draw = (widthPx) => {
    for (const { chart, element, instance } of drawn) {
      instance.resize({ width: widthPx ?? element.clientWidth });
      instance.setOption(optionOf(chart), true);
    }
    root.dataset.charts = 'drawn';
  };
  let resizing = 0;
  addEventListener('resize', () => {
    cancelAnimationFrame(resizing);
    resizing = requestAnimationFrame(() => draw());
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => draw());
  addEventListener('beforeprint', () => {
    root.dataset.print = '';
    draw(PAPER_WIDTH_PX);
  });
  addEventListener('afterprint', () => {
    delete root.dataset.print;
    draw();
  });
  draw();
})();

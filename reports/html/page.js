/**
 * The script of the report: draws the charts that `charts.ts` described.
 *
 * It runs in the browser, from inside the page, with `echarts` loaded before
 * it and the description in `<script id="chart-data">`. All charts share one
 * time axis and one pointer; the values under the pointer stand in the
 * legends. Colours come from the style sheet, so that light, dark and paper
 * are decided there. Without this script the page has all its tables.
 */
(() => {
  const page = JSON.parse(document.getElementById('chart-data').textContent);
  const root = document.documentElement;
  // The style sheet hides what only works with this script.
  root.dataset.charts = 'drawing';
  const PAPER_WIDTH_PX = 690; // A4 at 96 px an inch, less the margins of the style sheet.
  const MARGIN_PX = { left: 56, right: 12 };

  const NARROW_BLANK = '\u202f';
  const group = (text) => text.replace(/\B(?=(\d{3})+$)/g, NARROW_BLANK);
  const short = (value, unit) => `${Number(value.toPrecision(3))}${NARROW_BLANK}${unit}`;
  const formats = {
    rate: (value) => `${group(String(Math.round(value)))}/s`,
    count: (value) => group(String(Math.round(value))),
    share: (value) => short(value === 1 ? 100 : Math.floor(value * 1e4) / 100, '%'),
    cores: (value) => String(Number(value.toFixed(2))),
    milliseconds: (value) => (value < 1000 ? short(value, 'ms') : short(value / 1000, 's')),
    bytes: (value) =>
      value < 2 ** 30 ? short(value / 2 ** 20, 'MiB') : short(value / 2 ** 30, 'GiB'),
  };
  const elapsed = (ms) => {
    const seconds = Math.round(ms / 1000);
    const two = (part) => String(part).padStart(2, '0');
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
    return hours > 0
      ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
      : `${minutes}:${two(seconds % 60)}`;
  };

  /** The next round step, in the way clocks are round. */
  const tickMs = (atLeastMs) => {
    const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600];
    return 1000 * (steps.find((seconds) => seconds * 1000 >= atLeastMs) ?? 86400);
  };

  /** Bytes are round in powers of two. */
  const bytesAxis = (chart) => {
    const peak = Math.max(1, ...chart.lines.flatMap((line) => line.values));
    const interval = 2 ** Math.ceil(Math.log2(peak / 5));
    return { interval, max: interval * Math.ceil(peak / interval) };
  };

  const pointsOf = (line) => {
    if (line.atMs) return line.values.map((value, index) => [line.atMs[index], value]);
    const starts = line.values.map((value, index) => [index * page.stepMs, value]);
    return [...starts, [line.values.length * page.stepMs, line.values.at(-1)]];
  };
  const valueAt = (line, ms) => {
    if (!line.atMs)
      return line.values[Math.min(line.values.length - 1, Math.floor(ms / page.stepMs))];
    let nearest = 0;
    for (let index = 1; index < line.atMs.length; index += 1) {
      if (Math.abs(line.atMs[index] - ms) < Math.abs(line.atMs[nearest] - ms)) nearest = index;
    }
    return line.values[nearest];
  };

  /** Names on the bands where all of them fit side by side; else their numbers. */
  const bandLabels = (widthPx, fromMs, toMs) => {
    const CHARACTER_PX = 6.2;
    const centre = (band) => (((band.fromMs + band.toMs) / 2 - fromMs) / (toMs - fromMs)) * widthPx;
    const names = page.bands.map((band, index) => `${index + 1}\u2002${band.label}`);
    const fits = page.bands.every((band, index) => {
      const half = (names[index].length * CHARACTER_PX) / 2;
      const next = page.bands[index + 1];
      const room = next ? centre(next) - centre(band) : Infinity;
      return room > half + (next ? (names[index + 1].length * CHARACTER_PX) / 2 : 0) + 6;
    });
    return fits ? names : page.bands.map((_, index) => String(index + 1));
  };

  const optionOf = (chart, widthPx, view) => {
    const colour = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
    const text = { color: colour('muted'), fontFamily: 'inherit', fontSize: 11 };
    const labels = bandLabels(widthPx - MARGIN_PX.left - MARGIN_PX.right, view.fromMs, view.toMs);
    const bands = page.bands.map((band, index) => [
      { name: labels[index], xAxis: band.fromMs },
      { xAxis: band.toMs },
    ]);
    const limits = chart.limits.map((limit) => ({
      yAxis: limit.value,
      label: { formatter: `${limit.label} ${formats[chart.unit](limit.value)}` },
    }));
    const series = chart.lines.map((line, index) => ({
      type: 'line',
      name: line.name,
      data: pointsOf(line),
      // A bin's value holds for the whole bin: a slope would begin before the fault does.
      ...(!line.atMs && { step: 'end' }),
      showSymbol: false,
      silent: true,
      lineStyle: { width: line.colour === 'muted' ? 1.2 : 1.5, join: 'round' },
      color: line.colour === 'muted' ? colour('line-muted') : colour(`line-${line.colour}`),
      ...(index === 0 && {
        markArea: {
          silent: true,
          itemStyle: { color: colour('band') },
          label: { ...text, color: colour('ink'), position: 'top', distance: 4 },
          data: bands,
        },
        markLine: {
          silent: true,
          symbol: 'none',
          lineStyle: { color: colour('muted'), type: [4, 4], width: 1 },
          label: {
            ...text,
            position: chart.unit === 'share' ? 'insideStartBottom' : 'insideStartTop',
          },
          data: limits,
        },
      }),
    }));
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { ...MARGIN_PX, top: 20, bottom: 22 },
      tooltip: {
        trigger: 'axis',
        showContent: false,
        axisPointer: { lineStyle: { color: colour('muted'), type: 'solid' } },
      },
      dataZoom: [
        {
          type: 'inside',
          disabled: true,
          filterMode: 'none',
          startValue: view.fromMs,
          endValue: view.toMs,
        },
      ],
      xAxis: {
        type: 'value',
        min: 0,
        max: page.windowMs,
        interval: tickMs((view.toMs - view.fromMs) / Math.max(4, Math.floor(widthPx / 90))),
        axisLine: { lineStyle: { color: colour('rule-strong') } },
        axisTick: { lineStyle: { color: colour('rule-strong') } },
        axisLabel: { ...text, formatter: elapsed, hideOverlap: true, showMaxLabel: false },
        splitLine: { show: false },
      },
      yAxis: {
        type: chart.scale === 'log' ? 'log' : 'value',
        min: chart.scale === 'log' ? 1 : 0,
        ...(chart.unit === 'share' && { max: 1, interval: 0.25 }),
        ...(chart.unit === 'bytes' && bytesAxis(chart)),
        splitNumber: 4,
        axisLabel: { ...text, formatter: formats[chart.unit] },
        splitLine: { lineStyle: { color: colour('rule') } },
      },
      series,
    };
  };

  const drawn = page.charts.map((chart) => {
    const element = document.getElementById(`chart-${chart.id}`);
    const legend = [...document.querySelectorAll(`[data-legend="${chart.id}"]`)];
    const instance = echarts.init(element, null, { renderer: 'svg' });
    instance.group = 'run';
    return {
      chart,
      element,
      instance,
      figures: legend,
      resting: legend.map((figure) => figure.textContent),
    };
  });
  echarts.connect('run');

  if (drawn.length === 0) return;
  let view = { fromMs: 0, toMs: page.windowMs };
  const draw = (widthPx) => {
    for (const { chart, element, instance } of drawn) {
      const width = widthPx ?? element.clientWidth;
      instance.resize({ width });
      instance.setOption(optionOf(chart, width, view), true);
    }
    root.dataset.charts = 'drawn';
  };

  const clock = document.getElementById('chart-time');
  const atRest = clock.textContent;
  const showAt = (ms) => {
    clock.textContent = ms === null ? atRest : `at ${elapsed(ms)}`;
    for (const { chart, figures, resting } of drawn) {
      figures.forEach((figure, index) => {
        const value = ms === null ? undefined : valueAt(chart.lines[index], ms);
        const now = value === null || value === undefined ? '–' : formats[chart.unit](value);
        figure.textContent = ms === null ? resting[index] : now;
      });
    }
  };
  for (const { instance, element } of drawn) {
    instance.on('updateAxisPointer', (event) => {
      const axis = event.axesInfo && event.axesInfo[0];
      if (axis) showAt(axis.value);
    });
    element.addEventListener('mouseleave', () => showAt(null));
  }

  /** Buttons above the charts: the whole window, or one fault with the time around it. */
  const buttons = [...document.querySelectorAll('[data-zoom]')];
  for (const button of buttons) {
    button.addEventListener('click', () => {
      const band = page.bands[Number(button.dataset.zoom)];
      const around = band ? Math.max(10_000, (band.toMs - band.fromMs) * 0.35) : 0;
      view = band
        ? {
            fromMs: Math.max(0, band.fromMs - around),
            toMs: Math.min(page.windowMs, band.toMs + around),
          }
        : { fromMs: 0, toMs: page.windowMs };
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      draw();
    });
  }

  let resizing = 0;
  addEventListener('resize', () => {
    cancelAnimationFrame(resizing);
    resizing = requestAnimationFrame(() => draw());
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => draw());
  const closed = [];
  addEventListener('beforeprint', () => {
    root.dataset.print = '';
    for (const details of document.querySelectorAll('details:not([open])')) {
      details.open = true;
      closed.push(details);
    }
    draw(PAPER_WIDTH_PX);
  });
  addEventListener('afterprint', () => {
    delete root.dataset.print;
    for (const details of closed.splice(0)) details.open = false;
    draw();
  });
  draw();
})();

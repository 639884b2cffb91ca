// Draws each plot from the JSON block beside it, in the colours of the page, and again when the theme changes.
"use strict";
(() => {
  const drawn = new Map();
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const COLOURS = 12;
  const hatch = (rotation, symbol) => ({ symbol, rotation, dashArrayX: [1, 0], dashArrayY: [3, 4], color: "rgba(255, 255, 255, .75)" });
  const HATCHES = [hatch(Math.PI / 4, "rect"), hatch(-Math.PI / 4, "rect"), hatch(0, "rect")];
  const theme = () => {
    const dark = document.documentElement.dataset.bsTheme === "dark";
    const text = dark ? "#c9d3dc" : "#3b4a57";
    const faint = dark ? "#334250" : "#e2e8ed";
    const axis = { axisLine: { lineStyle: { color: faint } }, axisLabel: { color: text }, axisTick: { show: false }, splitLine: { lineStyle: { color: faint } }, nameTextStyle: { color: text } };
    return {
      color: dark
        ? ["#63b3d8", "#4fc3b3", "#e0b25c", "#b49be0", "#e08a7a", "#8ea3b5", "#2f7aa5", "#23897c", "#a67a26", "#7a5fb8", "#b0503f", "#d9d2c0"]
        : ["#1b5e86", "#2f9e93", "#b9822b", "#6d58a5", "#b4513f", "#6b7f90", "#86b9da", "#96d3c9", "#e6c584", "#bfaee0", "#e5a99c", "#4a4038"],
      backgroundColor: "transparent",
      textStyle: { color: text, fontFamily: colour("--tblr-font-sans-serif") || "sans-serif" },
      title: { textStyle: { color: text } }, legend: { textStyle: { color: text } }, visualMap: { textStyle: { color: text } },
      categoryAxis: { ...axis, splitLine: { show: false } }, valueAxis: axis, timeAxis: axis, logAxis: axis,
      calendar: { itemStyle: { color: "transparent", borderColor: faint }, dayLabel: { color: text }, monthLabel: { color: text }, splitLine: { lineStyle: { color: faint } } },
    };
  };
  const draw = (element) => {
    const block = document.getElementById(element.dataset.chart);
    if (!block) return;
    element.hidden = false;
    const option = JSON.parse(block.textContent);
    // The page's policy forbids inline styles in markup, so tooltips are drawn on the canvas.
    option.tooltip = { trigger: "item", confine: true, ...(option.tooltip || {}), renderMode: "richText" };
    const grid = option.grid;
    if (grid && grid.containLabel && option.yAxis && option.yAxis.type === "category") {
      // Long names end in an ellipsis instead of running out of the picture; the table below has them whole.
      option.yAxis.axisLabel = { width: Math.min(200, element.clientWidth * 0.35), overflow: "truncate", ...(option.yAxis.axisLabel || {}) };
      grid.left = Math.max(grid.left || 0, 24);
    }
    const since = option.xAxis && option.xAxis.days_since;
    if (since) option.xAxis.axisLabel = { ...(option.xAxis.axisLabel || {}), formatter: (days) => new Date(Date.parse(since) + days * 864e5).toISOString().slice(0, 10) };
    // More series than colours: the next round of colours is hatched, so that no two look alike.
    const series = Array.isArray(option.series) ? option.series : [];
    series.forEach((one, place) => {
      const round = Math.floor(place / COLOURS);
      if (round) one.itemStyle = { ...(one.itemStyle || {}), decal: HATCHES[(round - 1) % HATCHES.length] };
    });
    option.animation = option.animation !== false && !still.matches;
    option.animationDuration = option.animationDuration || 300;
    drawn.get(element)?.dispose();
    const plot = echarts.init(element, theme(), { renderer: "canvas" });
    plot.setOption(option);
    plot.on("click", (event) => {
      // A row of the figures may carry the address of its records.
      const address = event.data && event.data.url;
      if (typeof address === "string" && address.startsWith("/") && !address.startsWith("//")) location.assign(address);
    });
    drawn.set(element, plot);
  };
  window.drawCharts = () => {
    for (const element of drawn.keys()) if (!element.isConnected) { drawn.get(element).dispose(); drawn.delete(element); }
    document.querySelectorAll("[data-chart]").forEach((element) => { if (!drawn.has(element)) draw(element); });
  };
  window.drawCharts();
  // Drawn anew where the width changed: labels are cut to a part of it.
  addEventListener("resize", () => drawn.forEach((plot, element) => (plot.getWidth() === element.clientWidth ? plot.resize() : draw(element))));
  document.addEventListener("theme-changed", () => [...drawn.keys()].forEach(draw));
})();

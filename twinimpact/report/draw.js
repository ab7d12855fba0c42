"use strict";
for (const holder of document.querySelectorAll(".plot")) {
  const figure = JSON.parse(document.getElementById(holder.id + "-json").textContent);
  Plotly.newPlot(holder, figure.data, figure.layout, figure.config);
}

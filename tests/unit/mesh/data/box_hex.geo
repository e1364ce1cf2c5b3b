// 2 x 1 x 2 hexahedra in two regions; see README.md.
Point(1) = {0, 0, 0};
line[] = Extrude {3, 0, 0} { Point{1}; Layers{2}; };
base[] = Extrude {0, 2, 0} { Curve{line[1]}; Layers{1}; Recombine; };
low[] = Extrude {0, 0, 1.5} { Surface{base[1]}; Layers{1}; Recombine; };
high[] = Extrude {0, 0, 0.7} { Surface{low[0]}; Layers{1}; Recombine; };
Physical Volume("low part") = {low[1]};
Physical Volume("high") = {high[1]};
Physical Surface("floor") = {base[1]};
Physical Surface("middle") = {low[0]};

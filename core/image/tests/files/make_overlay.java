// Writes imagej_overlay.tif with ImageJ itself, over the planes of imagej_tifffile.tif:
//   java -Djava.awt.headless=true -cp ij-1.54p.jar make_overlay.java imagej_tifffile.tif imagej_overlay.tif

import ij.IJ;
import ij.ImagePlus;
import ij.gui.Arrow;
import ij.gui.OvalRoi;
import ij.gui.Overlay;
import ij.gui.PolygonRoi;
import ij.gui.Roi;
import ij.gui.TextRoi;
import ij.io.FileSaver;

class MakeOverlay {
    public static void main(String[] files) {
        ImagePlus image = IJ.openImage(files[0]);
        Overlay overlay = new Overlay();
        Roi everywhere = new PolygonRoi(new float[] {2.5f, 9, 9}, new float[] {2, 2, 10}, Roi.POLYGON);
        everywhere.setName("everywhere");
        everywhere.setGroup(3);
        overlay.add(everywhere);
        Roi there = new OvalRoi(12, 6, 8, 5);
        there.setName("there");
        there.setPosition(0, 2, 1);
        overlay.add(there);
        overlay.add(new TextRoi(1, 20, "a text"));
        overlay.add(new Roi(20, 25, 10, 2), "|SB|");
        overlay.add(new Arrow(30, 3, 25, 8));
        image.setOverlay(overlay);
        image.setRoi(new Roi(0, 0, 7, 7));
        new FileSaver(image).saveAsTiff(files[1]);
    }
}

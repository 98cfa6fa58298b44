// Writes imagej.tif with ImageJ itself, from the planes of imagej_tifffile.tif:
//   java -Djava.awt.headless=true -cp ij-1.54p.jar make_imagej.java imagej_tifffile.tif imagej.tif

import ij.IJ;
import ij.ImagePlus;
import ij.io.FileSaver;

class MakeImagej {
    public static void main(String[] files) {
        ImagePlus image = IJ.openImage(files[0]);
        image.getCalibration().setUnit("micron");
        image.getCalibration().setTimeUnit("min");
        image.getCalibration().frameInterval = 0.5;
        image.getStack().setSliceLabel("first", 1);
        new FileSaver(image).saveAsTiff(files[1]);
    }
}
